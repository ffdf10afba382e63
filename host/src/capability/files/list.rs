//! One page of a folder, in byte order of the names.
//!
//! A folder has no order of its own, so that every page looks at all of its
//! names; only those of the page are kept, however many there are.

use std::collections::BinaryHeap;
use std::io;

use cap_std::fs::{Dir, DirEntry};

use super::failure::folder_refusal;
use super::root::{Root, beneath, status};
use super::write::is_partial;
use crate::bindings::files::Item;
use crate::capability::Result;

/// Most items of one page, whatever the guest asks for.
const ITEMS_MAX: usize = 10_000;

pub(super) fn page(root: &Root, path: &str, after: Option<String>, max: u32) -> Result<Vec<Item>> {
    let max = usize::try_from(max).unwrap_or(ITEMS_MAX).min(ITEMS_MAX);
    root.io()
        .run(|| read_page(root, path, after, max))
        .map_err(|error| folder_refusal(&error, path))
}

fn read_page(
    root: &Root,
    path: &str,
    mut after: Option<String>,
    max: usize,
) -> io::Result<Vec<Item>> {
    let folder = Folder {
        root,
        path,
        dir: root.dir().open_dir(beneath(path))?,
    };
    let mut items = Vec::new();
    // A second round only when names of the first vanished meanwhile: a page
    // that is not full means to the guest that the folder ends there.
    while items.len() < max {
        let names = folder.names(after.as_deref(), max - items.len())?;
        let Some(last) = names.last() else { break };
        after = Some(last.clone());
        for name in names {
            items.extend(folder.item(name)?);
        }
    }
    Ok(items)
}

struct Folder<'a> {
    root: &'a Root,
    path: &'a str,
    dir: Dir,
}

impl Folder<'_> {
    /// The first `max` names after `after` of things that can be listed.
    fn names(&self, after: Option<&str>, max: usize) -> io::Result<Vec<String>> {
        let mut first = BinaryHeap::with_capacity(max.min(1024));
        for entry in self.dir.entries()? {
            let entry = entry?;
            // Names that are not UTF-8 cannot be said in WIT.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let too_early = after.is_some_and(|after| name.as_str() <= after);
            let too_late = first.len() == max && first.peek().is_some_and(|last| name >= *last);
            if too_early || too_late || is_partial(&name) || !self.is_listed(&entry, &name) {
                continue;
            }
            if first.len() == max {
                first.pop();
            }
            first.push(name);
        }
        Ok(first.into_sorted_vec())
    }

    fn is_listed(&self, entry: &DirEntry, name: &str) -> bool {
        let Ok(kind) = entry.file_type() else {
            return false;
        };
        if kind.is_symlink() {
            matches!(self.item(name.to_owned()), Ok(Some(_)))
        } else {
            kind.is_dir() || kind.is_file()
        }
    }

    /// `None` for what is gone, or leads nowhere, or out of the root.
    fn item(&self, name: String) -> io::Result<Option<Item>> {
        let metadata = self.dir.symlink_metadata(&name).and_then(|metadata| {
            if metadata.is_symlink() {
                // From the root: a link may leave its folder, not the root.
                self.root.dir().metadata(self.full_path(&name))
            } else {
                Ok(metadata)
            }
        });
        match metadata {
            Ok(metadata) => Ok(status(&metadata).map(|status| Item { name, status })),
            Err(error) if is_fault(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn full_path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.path)
        }
    }
}

/// Whether the file system failed, rather than the name leading nowhere.
fn is_fault(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::IO, Errno::STALE, Errno::MFILE, Errno::NFILE]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
