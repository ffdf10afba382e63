//! Storing a file so that it appears complete or not at all.

use std::{
    io::Write,
    path::Path as StdPath,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use cap_std::fs::{Dir, OpenOptions};

use super::{status, within};
use crate::{
    Error, Path, Result,
    files::Status,
    native::stream::Input,
    transfer::{stream_too_long, stream_too_short},
};

/// Bytes to take from the stream at a time.
const CHUNK: usize = 256 * 1024;

pub(crate) fn write(
    root: &str,
    path: &Path,
    size: Option<u64>,
    content: &mut Input<'_>,
) -> Result<Status> {
    let Some(parent) = path.parent() else {
        return Err(Error::invalid("the root is not a file"));
    };
    within(root, path, |dir, target| {
        if !parent.is_root() {
            dir.create_dir_all(parent.as_str())?;
        }
        let partial = parent.child(&partial_name())?;
        let written = fill(dir, StdPath::new(partial.as_str()), target, size, content);
        if written.is_err() {
            // The first failure is the one to tell of.
            _ = dir.remove_file(partial.as_str());
        }
        written
    })
}

fn fill(
    dir: &Dir,
    partial: &StdPath,
    target: &StdPath,
    size: Option<u64>,
    content: &mut Input<'_>,
) -> Result<Status> {
    let mut file = dir.open_with(partial, OpenOptions::new().write(true).create_new(true))?;
    let mut written = 0;
    loop {
        let chunk = content.next(CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        written += chunk.len() as u64;
        file.write_all(&chunk)?;
    }
    match size {
        Some(size) if written < size => return Err(stream_too_short(size - written)),
        Some(size) if written > size => {
            return Err(stream_too_long());
        }
        _ => {}
    }
    file.sync_data()?;
    dir.rename(partial, dir, target)?;
    Ok(status(&file.metadata()?))
}

fn partial_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!(
        ".tenon-{}-{}.partial",
        process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
