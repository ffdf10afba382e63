//! Storing a file: complete, or not at all.
//!
//! The bytes go to a hidden file in the same folder, which takes the place of
//! the old one in one step once all of them are on the disk. Whatever ends the
//! call before that removes the hidden file and leaves the old one alone.

use std::io::{self, Write as _};

use bytes::Bytes;
use cap_std::fs::{Dir, Metadata, OpenOptions};
use uuid::Uuid;
use wasmtime_wasi::p2::{DynInputStream, StreamError, StreamResult};

use super::failure::{folder_refusal, refusal};
use super::root::{Root, status};
use crate::bindings::files::Status;
use crate::capability::transfer::CHUNK_BYTES_MAX;
use crate::capability::{Refusal, Result};

const PARTIAL_PREFIX: &str = ".tenon-";
const PARTIAL_SUFFIX: &str = ".partial";

/// Whether a name is that of a file which is being written.
pub(super) fn is_partial(name: &str) -> bool {
    name.starts_with(PARTIAL_PREFIX) && name.ends_with(PARTIAL_SUFFIX)
}

/// Stores all of `content` under `path`.
pub(super) async fn store(
    root: &Root,
    path: &str,
    size: Option<u64>,
    content: &mut DynInputStream,
) -> Result<Status> {
    let mut partial = root.io().run(|| Partial::create(root, path))?;
    let mut written = 0;
    while let Some(bytes) = next(content, path).await? {
        written += bytes.len() as u64;
        if size.is_some_and(|size| written > size) {
            return Err(wrong_size(path));
        }
        root.io()
            .run(|| partial.file.write_all(&bytes))
            .map_err(|error| refusal(&error, path))?;
        // A source that is always ready must not keep the worker to itself.
        tokio::task::consume_budget().await;
    }
    if size.is_some_and(|size| written < size) {
        return Err(wrong_size(path));
    }
    // Waits for the disk itself, which takes milliseconds at best.
    let stored = tokio::task::spawn_blocking(move || partial.commit()).await;
    let metadata = stored
        .map_err(wasmtime::Error::from)?
        .map_err(|error| refusal(&error, path))?;
    status(&metadata).ok_or_else(|| Refusal::conflict("replaced meanwhile", path))
}

fn wrong_size(path: &str) -> Refusal {
    Refusal::invalid("the content has another size than announced", path)
}

/// The next run of bytes; `None` at the end.
async fn next(content: &mut DynInputStream, path: &str) -> Result<Option<Bytes>> {
    match read(content).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StreamError::Closed) => Ok(None),
        Err(StreamError::LastOperationFailed(_)) => {
            Err(Refusal::unavailable("the content broke off", path))
        }
        Err(StreamError::Trap(error)) => Err(Refusal::Trap(error)),
    }
}

async fn read(content: &mut DynInputStream) -> StreamResult<Bytes> {
    loop {
        let bytes = content.read(CHUNK_BYTES_MAX)?;
        if !bytes.is_empty() {
            return Ok(bytes);
        }
        content.ready().await;
    }
}

/// A file under a hidden name, removed unless it is committed.
struct Partial {
    folder: Dir,
    hidden: String,
    name: String,
    file: cap_std::fs::File,
    committed: bool,
}

impl Partial {
    fn create(root: &Root, path: &str) -> Result<Self> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if matches!(name, "" | "." | "..") || is_partial(name) || name.contains('\0') {
            return Err(Refusal::invalid("not a usable name for a file", path));
        }
        let folder = folder(root.dir(), parent).map_err(|error| folder_refusal(&error, path))?;
        if folder.symlink_metadata(name).is_ok_and(|old| old.is_dir()) {
            return Err(Refusal::conflict("a folder has this name", path));
        }
        let hidden = format!(
            "{PARTIAL_PREFIX}{}{PARTIAL_SUFFIX}",
            Uuid::new_v4().simple()
        );
        let file = folder
            .open_with(&hidden, OpenOptions::new().write(true).create_new(true))
            .map_err(|error| refusal(&error, path))?;
        Ok(Self {
            folder,
            hidden,
            name: name.to_owned(),
            file,
            committed: false,
        })
    }

    /// Brings file and folder entry to the disk, in this order.
    fn commit(mut self) -> io::Result<Metadata> {
        // The descriptor that paths are resolved beneath cannot be synced itself.
        let folder = self.folder.open(".")?;
        self.file.sync_all()?;
        let metadata = self.file.metadata()?;
        self.folder.rename(&self.hidden, &self.folder, &self.name)?;
        self.committed = true;
        folder.sync_all()?;
        Ok(metadata)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        if let Err(error) = self.folder.remove_file(&self.hidden) {
            tracing::warn!(%error, name = self.hidden, "an unfinished file stays behind");
        }
    }
}

/// The folder a file goes to, made with those above it where they are missing.
fn folder(root: &Dir, path: &str) -> io::Result<Dir> {
    if path.is_empty() {
        return root.try_clone();
    }
    root.open_dir(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            root.create_dir_all(path)?;
            root.open_dir(path)
        }
        _ => Err(error),
    })
}
