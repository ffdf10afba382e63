//! Listing for stores that can list one folder at a time: recursion, order and paging.

#[cfg(test)]
mod tests;

use super::{Entry, Item, ListRequest, Page};
use crate::{Error, Path, Result};

/// Deeper folders are refused, since only a loop of links makes them.
const DEPTH_MAX: usize = 128;

/// Some of a folder's items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the same order every time.
    pub items: Vec<Item>,
    /// Whether more follow the last one.
    pub more: bool,
}

/// What a store must offer to be walked.
pub trait Folders {
    /// Items of a folder that come after the one called `after`. `max` is a hint: more are
    /// welcome when they cost nothing. A store whose protocol knows no paging returns them all
    /// through [`skip_past`].
    fn items(&self, folder: &Path, after: Option<&str>, max: u32) -> Result<Listing>;
}

/// A complete folder without the items up to the one called `after`.
pub fn skip_past(mut items: Vec<Item>, after: Option<&str>) -> Result<Listing> {
    if let Some(after) = after {
        let position = items
            .iter()
            .position(|item| item.name == after)
            .ok_or_else(|| {
                Error::conflict("a folder changed while it was being listed").about(after)
            })?;
        items.drain(..=position);
    }
    Ok(Listing { items, more: false })
}

/// Answers a list request. The cursor between pages is the path of the last entry, so it needs no
/// memory between pages and is never longer than a path.
pub fn walk(store: &impl Folders, request: ListRequest<'_>) -> Result<Page> {
    if request.max == 0 {
        return Err(Error::invalid("a page must have room for an entry"));
    }
    let after = request.after.map(Path::new).transpose()?;
    let mut walk = Walk {
        store,
        request,
        entries: Vec::new(),
    };
    let complete = walk.folder(&Path::root(), after.as_ref(), 0)?;
    let next = if complete {
        None
    } else {
        walk.entries.last().map(|entry| entry.path.clone())
    };
    Ok(Page {
        entries: walk.entries,
        next,
    })
}

struct Walk<'a, S> {
    store: &'a S,
    request: ListRequest<'a>,
    entries: Vec<Entry>,
}

impl<S: Folders> Walk<'_, S> {
    /// Lists the folder at `below` the requested one, beyond the entry at `after`, which is
    /// relative to it. Says whether the page had room for all.
    fn folder(&mut self, below: &Path, after: Option<&Path>, depth: usize) -> Result<bool> {
        if depth > DEPTH_MAX {
            return Err(
                Error::invalid(format!("folders are nested deeper than {DEPTH_MAX}"))
                    .about(below.as_str()),
            );
        }
        let (entry, inside) = match after {
            None => (None, None),
            Some(after) => split(after),
        };
        // A cursor that leads into a sub-folder has all the folder's own entries behind it.
        let seen = if inside.is_none() {
            let Some(seen) = self.entries_of(below, entry)? else {
                return Ok(false);
            };
            seen
        } else {
            Seen::default()
        };
        if !self.request.recursive {
            return Ok(true);
        }
        if let (Some(name), Some(inside)) = (entry, &inside) {
            if !self.folder(&below.child(name)?, Some(inside), depth + 1)? {
                return Ok(false);
            }
            return self.folders_of(below, Some(name), None, depth);
        }
        self.folders_of(below, None, seen.complete_from_start(entry), depth)
    }

    /// Adds the folder's own entries; none when the page is full before all are in it.
    fn entries_of(&mut self, below: &Path, after: Option<&str>) -> Result<Option<Seen>> {
        let folder = self.request.folder.join(below);
        let mut after = after.map(str::to_owned);
        let mut seen = Seen::default();
        loop {
            let listing = self
                .store
                .items(&folder, after.as_deref(), self.room().max(1))?;
            for item in &listing.items {
                if self.request.recursive && item.folder {
                    continue;
                }
                if self.room() == 0 {
                    return Ok(None);
                }
                let path = below.child(&item.name)?.as_str().to_owned();
                self.entries.push(Entry {
                    path,
                    folder: item.folder,
                    size: item.size,
                    etag: item.etag.clone(),
                });
            }
            let last = listing.items.last().map(|item| item.name.clone());
            seen.pages += 1;
            seen.last = listing.items;
            match last {
                Some(last) if listing.more => after = Some(last),
                _ => return Ok(Some(seen)),
            }
        }
    }

    /// Descends into the folder's folders after the one called `after`.
    fn folders_of(
        &mut self,
        below: &Path,
        after: Option<&str>,
        known: Option<Vec<Item>>,
        depth: usize,
    ) -> Result<bool> {
        let folder = self.request.folder.join(below);
        let mut after = after.map(str::to_owned);
        let mut listing = match known {
            Some(items) => Listing { items, more: false },
            None => self.store.items(&folder, after.as_deref(), u32::MAX)?,
        };
        loop {
            let last = listing.items.last().map(|item| item.name.clone());
            for item in listing.items.into_iter().filter(|item| item.folder) {
                // Whether the folder is empty is not known, so a full page ends before it.
                if self.room() == 0 || !self.folder(&below.child(&item.name)?, None, depth + 1)? {
                    return Ok(false);
                }
            }
            match last {
                Some(last) if listing.more => after = Some(last),
                _ => return Ok(true),
            }
            listing = self.store.items(&folder, after.as_deref(), u32::MAX)?;
        }
    }

    fn room(&self) -> u32 {
        self.request
            .max
            .saturating_sub(u32::try_from(self.entries.len()).unwrap_or(u32::MAX))
    }
}

/// What `entries_of` came across.
#[derive(Default)]
struct Seen {
    pages: usize,
    last: Vec<Item>,
}

impl Seen {
    /// The whole folder, when one listing from its start brought it.
    fn complete_from_start(self, after: Option<&str>) -> Option<Vec<Item>> {
        (self.pages == 1 && after.is_none()).then_some(self.last)
    }
}

/// The first segment, and what follows it.
fn split(path: &Path) -> (Option<&str>, Option<Path>) {
    match path.as_str().split_once('/') {
        Some((first, rest)) => (Some(first), Path::new(rest).ok()),
        None => (Some(path.as_str()), None),
    }
}
