//! Fetches an object's data, once for all processors, into a file without a
//! name.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::sync::Arc;

use http_body_util::BodyExt as _;
use rustix::fs::{MemfdFlags, memfd_create};
use sha2::{Digest as _, Sha256};

use super::fate::Trouble;
use crate::digest::Digest;
use crate::dispatch::{Aborted, Blob, Body, Outcome};
use crate::frontend::room::{Full, Held, Room};

/// Largest object that is kept in memory: 32 MiB for all that a pipeline works
/// on at one time. On a disk, a file for each would cost more than all else:
/// ext4 does not use an inode again for seconds after its file is gone, and
/// looks past all of them for the next.
const IN_MEMORY_MAX: u64 = 256 << 10;

/// An object's data. Its place on disk is free again when the last handle is
/// gone.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) blob: Blob,
    /// SHA-256, in lower-case hexadecimal.
    pub(super) digest: Arc<str>,
    _held: Arc<Held>,
}

/// Takes in a body to its end.
pub(super) async fn take_in(room: &Room, mut body: Body) -> Result<Object, Trouble> {
    let mut file = in_memory().map_err(broken)?;
    let mut is_on_disk = false;
    let mut held = room.hold();
    let mut hasher = Sha256::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(cut)?.into_data() else {
            continue;
        };
        held.add(chunk.len() as u64).map_err(full)?;
        hasher.update(&chunk);
        if !is_on_disk && held.bytes() > IN_MEMORY_MAX {
            file = moved(file, room.file()).map_err(broken)?;
            is_on_disk = true;
        }
        // Into the page cache, which takes less time than handing it to another thread does.
        file.write_all(&chunk).map_err(broken)?;
    }
    let size = held.bytes();
    Ok(Object {
        blob: Blob::new(Arc::new(file), size),
        digest: Digest::finished(hasher).hexadecimal().into(),
        _held: Arc::new(held),
    })
}

fn in_memory() -> io::Result<File> {
    Ok(memfd_create(c"spool", MemfdFlags::CLOEXEC)?.into())
}

/// What was kept in memory, in a file of the disk.
fn moved(mut from: File, to: io::Result<File>) -> io::Result<File> {
    let mut to = to?;
    from.rewind()?;
    io::copy(&mut from, &mut to)?;
    Ok(to)
}

fn broken(error: io::Error) -> Trouble {
    tracing::error!("the spool failed: {error}");
    // A full disk is the host's trouble, and no try at the message.
    Trouble::new(
        Outcome::Overloaded,
        format!("the data cannot be kept: {error}"),
    )
}

fn full(full: Full) -> Trouble {
    match full {
        Full::File(_) => Trouble::new(
            Outcome::Invalid,
            format!("limit `data_bytes` exceeded: {full}"),
        ),
        Full::Total(_) => Trouble::new(
            Outcome::Overloaded,
            format!("limit `spool_bytes` exceeded: {full}"),
        ),
    }
}

fn cut(aborted: Aborted) -> Trouble {
    Trouble::new(Outcome::Unavailable, aborted.to_string())
}
