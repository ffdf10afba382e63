//! The short form of a store that is only listed and read: two questions, everything else follows
//! from their answers.

#[cfg(test)]
mod tests;

use super::{
    Content, Entry, FileStore, Folders, Item, ListRequest, Listing, Page, Sink, skip_past, walk,
};
use crate::{Error, Kind, Path, Result, lifecycle::Plugin};

/// A store of files that offers no more than to look into folders and to open files. It is a
/// [`FileStore`] by that.
///
/// A store that can do better implements [`FileStore`] itself: one with folders too large for one
/// answer, with a cheaper way to ask about one file, or with a way to start reading in the middle.
pub trait ReadOnly: Plugin {
    /// What is in a folder, in the same order every time; `not-found` when there is no such
    /// folder, also for a file.
    fn items(&self, folder: &Path) -> Result<Vec<Item>>;

    /// A whole file; `not-found` when there is no such file, also for a folder. What comes before
    /// the place where reading starts is skipped.
    fn open(&self, file: &Path) -> Result<Content>;
}

impl<T: ReadOnly> FileStore for T {
    fn list_folder(&self, request: ListRequest<'_>) -> Result<Page> {
        match walk(&Whole(self), request) {
            // A file has no entries; whether it is one is asked only when listing it failed.
            Err(error) if error.kind() == Kind::NotFound => match self.stat(request.folder) {
                Ok(entry) if !entry.folder => Ok(Page::default()),
                _ => Err(error),
            },
            page => page,
        }
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        let item = match path.parent() {
            None => Some(Item::folder("")),
            Some(parent) => {
                let items = self.items(&parent);
                let mut items = items
                    .map_err(|error| error.about(path.as_str()))?
                    .into_iter();
                items.find(|item| item.name == path.name())
            }
        };
        let item =
            item.ok_or_else(|| Error::not_found("no such file or folder").about(path.as_str()))?;
        Ok(Entry {
            path: path.to_string(),
            folder: item.folder,
            size: item.size,
            etag: item.etag,
        })
    }

    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()> {
        match self.open(path) {
            Ok(content) => content.send(offset, into),
            Err(error) if error.kind() == Kind::NotFound && is_folder(self, path) => {
                Err(Error::invalid("a folder is not a file").about(path.as_str()))
            }
            Err(error) => Err(error.about(path.as_str())),
        }
    }
}

fn is_folder(store: &impl FileStore, path: &Path) -> bool {
    store.stat(path).is_ok_and(|entry| entry.folder)
}

/// Folders that are always listed as a whole.
struct Whole<'a, T>(&'a T);

impl<T: ReadOnly> Folders for Whole<'_, T> {
    fn items(&self, folder: &Path, after: Option<&str>, _: u32) -> Result<Listing> {
        let items = self.0.items(folder);
        skip_past(items.map_err(|error| error.about(folder.as_str()))?, after)
    }
}
