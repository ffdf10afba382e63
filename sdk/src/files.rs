//! Granted directories of the host. No path and no link leads out of one: that is `denied`.

use crate::{Path, Result, backend::files, transfer::Reader};

/// What is known of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// Changes when the content does.
    pub etag: String,
}

/// A thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// One path segment.
    pub name: String,
    /// What is known of it.
    pub status: Status,
}

/// A granted directory, under the name its grant gives it. Paths are relative to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    name: String,
}

impl Root {
    /// The root of this name. Whether there is one shows on first use.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// What is known of a file or folder.
    pub fn stat(&self, path: &Path) -> Result<Status> {
        files::stat(&self.name, path)
    }

    /// The items of a folder in byte order of their names, those after `after`, at most `max`.
    /// Links that lead out of the root, and things that are neither file nor folder, are left out.
    pub fn list(&self, path: &Path, after: Option<&str>, max: u32) -> Result<Vec<Item>> {
        files::list(&self.name, path, after, max)
    }

    /// A file's status and its bytes from `offset` on.
    pub fn open(&self, path: &Path, offset: u64) -> Result<(Status, Reader<'static>)> {
        let (status, input) = files::open(&self.name, path, offset)?;
        let size = status.size.saturating_sub(offset);
        Ok((status, Reader::new(input, Some(size))))
    }

    /// Stores the whole of `content` as the file, making missing folders. The file appears
    /// complete or not at all.
    pub fn write(
        &self,
        path: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<Status> {
        files::write(&self.name, path, size, &mut content.input)
    }

    /// Makes a folder in one that exists; [`Kind::Conflict`](crate::Kind::Conflict) when there is
    /// something of that name already.
    pub fn create_folder(&self, path: &Path) -> Result<()> {
        files::create_folder(&self.name, path)
    }

    /// Moves a file or folder in one step. A file takes the place of a file; anything else at `to`
    /// is a conflict. The folder that `to` is in must exist.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        files::rename(&self.name, from, to)
    }

    /// Removes a file, or a folder with all that is in it.
    pub fn remove(&self, path: &Path) -> Result<()> {
        files::remove(&self.name, path)
    }
}
