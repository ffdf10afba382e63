//! Granted directories, through `cap-std` so that nothing leads out of them.

mod write;

use std::{
    io,
    os::fd::AsFd,
    path::Path as StdPath,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
pub(crate) use write::write;

use super::{
    environment,
    stream::{Input, Source},
};
use crate::{
    Error, Path, Result,
    files::{Item, Status},
};

pub(crate) fn stat(root: &str, path: &Path) -> Result<Status> {
    within(root, path, |dir, path| Ok(status(&dir.metadata(path)?)))
}

pub(crate) fn list(root: &str, path: &Path, after: Option<&str>, max: u32) -> Result<Vec<Item>> {
    within(root, path, |dir, path| {
        let dir = dir.open_dir(path)?;
        let mut names = Vec::new();
        for entry in dir.entries()? {
            // A name that is no text cannot be a path of a plugin.
            if let Ok(name) = entry?.file_name().into_string()
                && after.is_none_or(|after| *name > *after)
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        let items = names.into_iter().filter_map(|name| {
            let metadata = dir.metadata(&name).ok()?;
            (metadata.is_dir() || metadata.is_file()).then(|| Item {
                name,
                status: status(&metadata),
            })
        });
        Ok(items.take(max as usize).collect())
    })
}

pub(crate) fn open(root: &str, path: &Path, offset: u64) -> Result<(Status, Input<'static>)> {
    within(root, path, |dir, path| {
        let mut options = OpenOptions::new();
        // Opening a pipe would wait for its other end.
        options
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = dir.open_with(path, &options)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Error::invalid("not a file"));
        }
        Ok((status(&metadata), Input::new(FileSource::new(file, offset))))
    })
}

pub(crate) fn create_folder(root: &str, path: &Path) -> Result<()> {
    within(root, path, |dir, path| Ok(dir.create_dir(path)?))
}

pub(crate) fn rename(root: &str, from: &Path, to: &Path) -> Result<()> {
    if from.is_root() || to.is_root() {
        return Err(Error::denied("the root itself cannot be moved"));
    }
    within(root, to, |dir, target| {
        let moved = dir.symlink_metadata(from.as_str())?;
        if dir
            .symlink_metadata(target)
            .is_ok_and(|old| moved.is_dir() || old.is_dir())
        {
            return Err(Error::conflict("something else has this name"));
        }
        Ok(dir.rename(from.as_str(), dir, target)?)
    })
}

pub(crate) fn remove(root: &str, path: &Path) -> Result<()> {
    if path.is_root() {
        return Err(Error::denied("the root itself cannot be removed"));
    }
    within(root, path, |dir, path| {
        if dir.symlink_metadata(path)?.is_dir() {
            dir.remove_dir_all(path)?
        } else {
            dir.remove_file(path)?
        }
        Ok(())
    })
}

/// Runs `f` on the root's directory and the path in it, and names the path in its errors.
fn within<T>(root: &str, path: &Path, f: impl FnOnce(&Dir, &StdPath) -> Result<T>) -> Result<T> {
    environment::with(|environment| {
        let dir = environment
            .roots
            .get(root)
            .ok_or_else(|| Error::denied("no such root is granted").about(root))?;
        let inner = if path.is_root() { "." } else { path.as_str() };
        f(dir, StdPath::new(inner)).map_err(|error| error.about(path.as_str()))
    })
}

fn status(metadata: &Metadata) -> Status {
    let modified = metadata
        .modified()
        .map_or(UNIX_EPOCH, |time| time.into_std());
    let size = if metadata.is_dir() { 0 } else { metadata.len() };
    Status {
        folder: metadata.is_dir(),
        size,
        etag: etag(modified, size),
    }
}

fn etag(modified: SystemTime, size: u64) -> String {
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("\"{:x}-{size:x}\"", since.as_nanos())
}

/// A file read from a position of its own.
pub(super) struct FileSource<F> {
    file: F,
    position: u64,
}

impl<F> FileSource<F> {
    pub(super) fn new(file: F, position: u64) -> Self {
        Self { file, position }
    }
}

/// Gives access to the descriptor of a file however it is held.
pub(super) trait Descriptor: Send {
    fn descriptor(&self) -> std::os::fd::BorrowedFd<'_>;
}

impl Descriptor for cap_std::fs::File {
    fn descriptor(&self) -> std::os::fd::BorrowedFd<'_> {
        self.as_fd()
    }
}

impl Descriptor for std::sync::Arc<std::fs::File> {
    fn descriptor(&self) -> std::os::fd::BorrowedFd<'_> {
        self.as_fd()
    }
}

impl<F: Descriptor> Source for FileSource<F> {
    fn next(&mut self, max: usize) -> io::Result<Option<Bytes>> {
        let mut buffer = Vec::with_capacity(max);
        let count = rustix::io::pread(
            self.file.descriptor(),
            rustix::buffer::spare_capacity(&mut buffer),
            self.position,
        )?;
        self.position += count as u64;
        Ok((count > 0).then(|| buffer.into()))
    }
}
