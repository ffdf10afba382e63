//! The role of a store of files in folders, behind some protocol.

mod content;
mod item;
mod read_only;
mod walk;

pub use content::Content;
pub use item::Item;
pub use read_only::ReadOnly;
pub use walk::{Folders, Listing, skip_past, walk};

pub use crate::transfer::{Head, Reader, Sink};
use crate::{Error, Path, Result};

/// A file or a folder of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the listed folder, or as asked for by `stat` and `write`.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes, when known.
    pub size: Option<u64>,
    /// Changes when the content does, when known.
    pub etag: Option<String>,
}

/// A part of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries, in the store's order.
    pub entries: Vec<Entry>,
    /// Hand this to `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// What to list.
#[derive(Debug, Clone, Copy)]
pub struct ListRequest<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// List no folders, but the files in them: those of the folder come first and then those of
    /// its folders, depth first.
    pub recursive: bool,
    /// Continue after the page whose `next` this is. The sandbox may be another one by then.
    pub after: Option<&'a str>,
    /// Entries per page, at most.
    pub max: u32,
}

/// A store of files. One that only lists and reads leaves `write` and `delete` as they are, or
/// implements [`ReadOnly`] and has the rest for nothing.
pub trait FileStore: crate::lifecycle::Plugin {
    /// A folder's entries. A file given as folder has none. [`walk()`] does it all for a store that
    /// can list one folder.
    fn list_folder(&self, request: ListRequest<'_>) -> Result<Page>;

    /// What is known of a file or folder.
    fn stat(&self, path: &Path) -> Result<Entry>;

    /// Sends a file's bytes from `offset` on. To return without having begun the body is a fault.
    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()>;

    /// Stores the whole stream as the file.
    fn write(&self, path: &Path, size: Option<u64>, content: &mut Reader<'_>) -> Result<Entry> {
        let _ = (size, content);
        Err(Error::unsupported("this store is read-only").about(path.as_str()))
    }

    /// Removes a file, or a folder with all that is in it.
    fn delete(&self, path: &Path) -> Result<()> {
        Err(Error::unsupported("this store is read-only").about(path.as_str()))
    }
}
