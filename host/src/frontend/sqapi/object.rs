//! Fetches an object's data, once for all processors, into a file without a
//! name.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use super::fate::Trouble;
use crate::digest::Digest;
use crate::dispatch::{Aborted, Blob, Body, Outcome};
use crate::frontend::room::{Full, Held, Room};

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
    let mut file = room.file().map_err(broken)?;
    let mut held = room.hold();
    let mut hasher = Sha256::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(cut)?.into_data() else {
            continue;
        };
        held.add(chunk.len() as u64).map_err(full)?;
        hasher.update(&chunk);
        write(&mut file, &chunk)?;
    }
    let size = held.bytes();
    Ok(Object {
        blob: Blob::new(Arc::new(file), size),
        digest: Digest::finished(hasher).hexadecimal().into(),
        _held: Arc::new(held),
    })
}

/// Into the page cache, which takes less time than handing it to another
/// thread does.
fn write(file: &mut File, chunk: &[u8]) -> Result<(), Trouble> {
    file.write_all(chunk).map_err(broken)
}

fn broken(error: std::io::Error) -> Trouble {
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
