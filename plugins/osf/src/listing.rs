//! A project's files in pages, whatever folders they are in. The cursor says where the walk
//! through the folders stands, so nothing is kept between two pages.

use std::vec::IntoIter;

use serde::{Deserialize, Serialize};
use tenon_sdk::{
    Error, Result,
    repository::{DepositedFile, Page, PageRequest},
};

use crate::{
    addresses::{is_plain, leads_elsewhere},
    client::Client,
    document::{Entry, EntryKind},
    id::Id,
};

/// Deeper folders are refused: every level holds a page in memory.
const DEPTH_MAX: usize = 32;

/// Requests for one page, however few files they brought: the host bounds the requests and the time
/// of a call.
const REQUESTS_MAX: usize = 64;

/// The first page of a folder: as many entries as the service puts on one.
const FIRST: &str = "?page%5Bsize%5D=100";

/// A folder on the way from the root to where the walk stands.
#[derive(Debug, Serialize, Deserialize)]
struct Level {
    /// The page's address within the project's storage.
    at: String,
    /// Entries of the page that the walk has behind it.
    done: usize,
    #[serde(skip)]
    page: Option<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    entries: IntoIter<Entry>,
    next: Option<String>,
}

/// The address of a folder's entries within the API, the root's without a folder.
pub(crate) fn address(project: &Id, folder: Option<&Id>) -> String {
    let storage = storage(project);
    match folder {
        Some(folder) => format!("{storage}{folder}/"),
        None => storage,
    }
}

/// One page of a project's files.
pub(crate) fn list(
    client: Client<'_>,
    project: &Id,
    request: PageRequest<'_>,
) -> Result<Page<DepositedFile>> {
    if request.max == 0 {
        return Err(Error::invalid("a page must have room for a file"));
    }
    let mut levels = match request.after {
        Some(cursor) => parse(cursor)?,
        None => vec![Level::new(FIRST.to_owned())],
    };
    let (mut items, mut requests) = (Vec::new(), 0);
    while let Some(level) = levels.last_mut() {
        if level.page.is_none() {
            if requests == REQUESTS_MAX {
                let next = Some(cursor(&levels)?);
                return Ok(Page { items, next });
            }
            requests += 1;
        }
        let page = level.load(client, project)?;
        let Some(entry) = page.entries.as_slice().first() else {
            match page.next.take() {
                Some(next) => *level = Level::new(next),
                None => drop(levels.pop()),
            }
            continue;
        };
        let folder = entry.attributes.kind == EntryKind::Folder;
        if !folder && items.len() >= request.max as usize {
            let next = Some(cursor(&levels)?);
            return Ok(Page { items, next });
        }
        let Some(entry) = page.entries.next() else {
            continue;
        };
        level.done += 1;
        if folder {
            let below = format!("{}/{FIRST}", entry.id().map_err(not_understood)?);
            if levels.len() == DEPTH_MAX {
                let message = format!("folders are nested deeper than {DEPTH_MAX}");
                return Err(Error::invalid(message).about(project.as_str()));
            }
            levels.push(Level::new(below));
        } else {
            items.push(entry.try_into().map_err(not_understood)?);
        }
    }
    Ok(Page { items, next: None })
}

impl Level {
    fn new(at: String) -> Self {
        Self {
            at,
            done: 0,
            page: None,
        }
    }

    fn load(&mut self, client: Client<'_>, project: &Id) -> Result<&mut Loaded> {
        let loaded = match self.page.take() {
            Some(page) => page,
            None => {
                let storage = storage(project);
                let path = format!("{storage}{}", self.at);
                let page = client.page::<Entry>(&path, project.as_str())?;
                let mut entries = page.items;
                entries.drain(..self.done.min(entries.len()));
                let next = page.next.map(|next| match next.strip_prefix(&storage) {
                    Some(at) if is_place(at) => Ok(at.to_owned()),
                    _ => Err(leads_elsewhere(&next)),
                });
                Loaded {
                    entries: entries.into_iter(),
                    next: next.transpose()?,
                }
            }
        };
        Ok(self.page.insert(loaded))
    }
}

fn storage(project: &Id) -> String {
    format!("nodes/{project}/files/osfstorage/")
}

/// Reads a cursor, which comes back from a caller, who may have made it up.
fn parse(cursor: &str) -> Result<Vec<Level>> {
    let levels: Vec<Level> = serde_json::from_str(cursor).unwrap_or_default();
    let sound = levels.iter().all(|level| is_place(&level.at));
    if !sound || !(1..=DEPTH_MAX).contains(&levels.len()) {
        return Err(Error::invalid("this is no page of a list of files").about(cursor));
    }
    Ok(levels)
}

/// Whether a text is the address of a page within a storage: perhaps a folder, and a query.
fn is_place(at: &str) -> bool {
    let Some((folder, _)) = at.split_once('?') else {
        return false;
    };
    let folder = folder
        .strip_suffix('/')
        .map_or(folder.is_empty(), |id| Id::new(id).is_ok());
    folder && is_plain(at)
}

fn cursor(levels: &[Level]) -> Result<String> {
    serde_json::to_string(levels)
        .map_err(|error| Error::internal(format!("a cursor cannot be written: {error}")))
}

/// The id is the system's here, not the caller's.
pub(crate) fn not_understood(error: Error) -> Error {
    Error::unavailable(format!("the system's answer is not understood: {error}"))
}

#[cfg(test)]
mod tests {
    use tenon_sdk::Kind;

    use super::*;

    #[test]
    fn a_cursor_stays_in_the_storage() {
        let cursor = |at: &str| serde_json::json!([{"at": at, "done": 1}]).to_string();
        for at in ["?page=2", "553e69248c5e4a219919ea54/?page=2&x=y"] {
            assert_eq!(parse(&cursor(at)).unwrap().len(), 1, "{at}");
        }
        for at in [
            "",
            "abcde/",
            "../?x",
            "abcde?x",
            "a/?x",
            "abcde/fghij/?x",
            "/?x",
            "ABCDE/?x",
            "?a b",
            "?a#b",
            "?a\r\nb",
        ] {
            assert_eq!(
                parse(&cursor(at)).unwrap_err().kind(),
                Kind::Invalid,
                "{at:?}"
            );
        }
        let deep = serde_json::json!(vec![serde_json::json!({"at": "?", "done": 0}); 33]);
        for cursor in [
            "",
            "2",
            "[]",
            "{}",
            r#"[{"at":"?","done":-1}]"#,
            &deep.to_string(),
        ] {
            assert_eq!(parse(cursor).unwrap_err().kind(), Kind::Invalid, "{cursor}");
        }
    }
}
