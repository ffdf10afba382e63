//! Uploads that are tampered with before they are stored.

use tenon_sdk::files::{Root, Status};
use tenon_sdk::transfer::Reader;
use tenon_sdk::{Path, Result, scratch};

/// Bytes to take at a time.
const CHUNK: usize = 64 * 1024;

/// Stores an upload without its last byte.
pub(super) fn without_last(root: &Root, path: &Path, content: &mut Reader<'_>) -> Result<Status> {
    let mut bytes = content.read_all(16 << 20)?;
    bytes.pop();
    store(root, path, &bytes)
}

/// Stores what came of an upload, whether it ended or broke off.
pub(super) fn what_came(root: &Root, path: &Path, content: &mut Reader<'_>) -> Result<Status> {
    let mut bytes = Vec::new();
    while let Ok(chunk) = content.chunk(CHUNK)
        && !chunk.is_empty()
    {
        bytes.extend(chunk);
    }
    store(root, path, &bytes)
}

fn store(root: &Root, path: &Path, bytes: &[u8]) -> Result<Status> {
    let spool = scratch::create()?;
    spool.append()?.write_all(bytes)?;
    root.write(path, None, &mut spool.open(0)?)
}
