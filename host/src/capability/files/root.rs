//! One granted directory.

use std::io;
use std::path::Path;

use cap_std::fs::{Dir, Metadata, MetadataExt as _, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

use super::failure::refusal;
use super::write::is_partial;
use crate::bindings::files::Status;
use crate::capability::disk::{Io, Reader};
use crate::capability::{Refusal, Result};

/// What a connector may do in a root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// List and read.
    #[default]
    ReadOnly,
    /// Also write and remove.
    ReadWrite,
}

/// A directory, open from the time the configuration was read.
#[derive(Debug)]
pub struct Root {
    dir: Dir,
    access: Access,
    io: Io,
}

impl Root {
    /// Opens a directory of the host.
    ///
    /// # Errors
    ///
    /// [`io::Error`] when there is no such directory.
    pub fn open(path: &Path, access: Access, io: Io) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
        Ok(Self { dir, access, io })
    }

    /// Opens a directory of the host that plugins fill; it is made where it is
    /// missing.
    ///
    /// # Errors
    ///
    /// [`io::Error`] when it can be neither opened nor made.
    pub fn create(path: &Path, access: Access, io: Io) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path, access, io)
    }

    /// What may be done in it.
    pub fn access(&self) -> Access {
        self.access
    }

    pub(super) fn io(&self) -> Io {
        self.io
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(super) fn stat(&self, path: &str) -> Result<Status> {
        let metadata = self.io.run(|| self.dir.metadata(beneath(path)));
        let metadata = metadata.map_err(|error| refusal(&error, path))?;
        status(&metadata).ok_or_else(|| special(path))
    }

    /// A file's status, and its bytes from `offset` on.
    pub(super) fn read(&self, path: &str, offset: u64) -> Result<(Status, Reader<std::fs::File>)> {
        let (file, metadata) = self
            .io
            .run(|| self.open_file(path))
            .map_err(|error| refusal(&error, path))?;
        let status = status(&metadata).ok_or_else(|| special(path))?;
        if status.folder {
            return Err(Refusal::conflict("a folder, not a file", path));
        }
        if offset > status.size {
            return Err(Refusal::invalid("past the end of the file", "offset"));
        }
        let stream = Reader::new(file, offset, status.size, self.io);
        Ok((status, stream))
    }

    fn open_file(&self, path: &str) -> io::Result<(std::fs::File, Metadata)> {
        let mut options = OpenOptions::new();
        options.read(true);
        // A pipe would otherwise hold the thread until somebody writes to it.
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = self.dir.open_with(beneath(path), &options)?;
        let metadata = file.metadata()?;
        Ok((file.into_std(), metadata))
    }

    /// Makes a folder in one that exists.
    pub(super) fn create_folder(&self, path: &str) -> Result<()> {
        self.io
            .run(|| self.dir.create_dir(beneath(path)))
            .map_err(|error| refusal(&error, path))
    }

    /// Moves a file or folder in one step. The kernel refuses to put a folder
    /// in the place of anything but an empty folder; that is refused as well.
    /// A folder's new place outlives a loss of power, as a written file's does:
    /// moving one commonly concludes something.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<()> {
        if [from, to].into_iter().any(is_root) {
            return Err(Refusal::denied("the root itself stays", to));
        }
        if is_partial(to.rsplit('/').next().unwrap_or(to)) {
            return Err(Refusal::invalid("not a usable name for a file", to));
        }
        let rename = || {
            let folder = self.dir.symlink_metadata(from)?.is_dir();
            match self.dir.symlink_metadata(to) {
                Ok(old) if folder || old.is_dir() => {
                    return Err(io::Error::from(io::ErrorKind::AlreadyExists));
                }
                _ => self.dir.rename(from, &self.dir, to)?,
            }
            if folder {
                self.sync_folder_of(to)?;
            }
            Ok(())
        };
        self.io.run(rename).map_err(|error| refusal(&error, to))
    }

    /// Brings the entry of `path` in its folder to the disk.
    fn sync_folder_of(&self, path: &str) -> io::Result<()> {
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        match self.dir.open_dir(beneath(folder)) {
            // The descriptor that paths are resolved beneath cannot be synced itself.
            Ok(folder) => folder.open(".")?.sync_all(),
            // Moved on already, by somebody who sees to it then.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes a file, a link itself, or a folder with all that is in it.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        if is_root(path) {
            return Err(Refusal::denied("the root itself stays", path));
        }
        // However slow the disk: a folder may hold any number of files.
        Io::Offload
            .run(|| {
                if self.dir.symlink_metadata(path)?.is_dir() {
                    self.dir.remove_dir_all(path)
                } else {
                    self.dir.remove_file(path)
                }
            })
            .map_err(|error| refusal(&error, path))
    }
}

fn is_root(path: &str) -> bool {
    path.split('/').all(|part| matches!(part, "" | "."))
}

/// The empty path is the root; the kernel wants a name for it.
pub(super) fn beneath(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

/// `None` for what is neither file nor folder.
pub(super) fn status(metadata: &Metadata) -> Option<Status> {
    let folder = metadata.is_dir();
    (folder || metadata.is_file()).then(|| Status {
        folder,
        size: if folder { 0 } else { metadata.len() },
        etag: etag(metadata),
    })
}

/// Time, size and identity: a rewritten file differs in the first, a replaced
/// one in the last, even within one tick of the file system's clock.
fn etag(metadata: &Metadata) -> String {
    format!(
        "{:x}.{:08x}-{:x}-{:x}",
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.len(),
        metadata.ino()
    )
}

fn special(path: &str) -> Refusal {
    Refusal::invalid("neither a file nor a folder", path)
}
