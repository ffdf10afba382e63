//! What there is in a store, and whether it can be written: found out once,
//! before the cases that need it.

use bytes::Bytes;

use super::client::{Client, whole};
use super::expect::{Checked, done, shown};
use crate::dispatch::file_store::Entry;
use crate::dispatch::{Error, Outcome};

/// Entries looked at in a store that the suite may not write: all of a small
/// one, and enough of a large one.
const ENTRIES_MAX: usize = 200;
/// A page of the suite's own.
pub(super) const PAGE: u32 = 100;
/// Bytes of the largest file: more than goes through a pipe in one piece.
const LARGE_BYTES: usize = 3 << 20;
/// Largest file of somebody else's that is read.
const READ_BYTES_MAX: u64 = 16 << 20;

/// A file of the store.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Relative to the store's root.
    pub(super) path: String,
    /// Bytes, when known.
    pub(super) size: Option<u64>,
    /// What is in it, where the suite wrote it.
    pub(super) content: Option<Bytes>,
}

/// A store, as the cases need to know it.
#[derive(Debug)]
pub(super) struct Survey {
    /// The folder that is listed.
    pub(super) base: String,
    /// Files at any depth of it.
    pub(super) files: Vec<File>,
    /// Folders at any depth of it.
    pub(super) folders: Vec<String>,
    /// Where files may be made: a path that their names begin with.
    area: Result<String, Error>,
    /// Whether the area is a folder, to be removed as one.
    is_folder: bool,
}

/// The path of something below a folder, or of the folder itself.
pub(super) fn join(folder: &str, below: &str) -> String {
    match (folder, below) {
        ("", path) | (path, "") => path.to_owned(),
        (folder, below) => format!("{folder}/{below}"),
    }
}

/// Bytes that are nowhere alike.
pub(super) fn pattern(len: usize) -> Bytes {
    let byte = |at: usize| (at % 251) as u8 ^ (at / 251) as u8;
    (0..len).map(byte).collect::<Vec<_>>().into()
}

impl Survey {
    pub(super) async fn take(client: &Client, folder: &str) -> Checked<Self> {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("tenon-conformance-{}", random.get(..8).unwrap_or("files"));
        let area = join(folder, &name);
        // A store may want folders to be there before files are put into them.
        for (area, is_folder) in [(format!("{area}/"), true), (format!("{area}-"), false)] {
            let probe = format!("{area}a.txt");
            match client.write(&probe, Some(6), whole("alpha\n")).await {
                Ok(_) => return Self::fill(client, folder, area, is_folder).await,
                Err(error) if is_refusal(&error) => {
                    return Self::explore(client, folder, error).await;
                }
                Err(error) if !is_folder => {
                    return Err(format!("writing `{probe}` failed: {}", shown(&error)));
                }
                Err(_) => {}
            }
        }
        Err("nothing can be written".to_owned())
    }

    /// Makes files in a store that can be written.
    async fn fill(client: &Client, folder: &str, area: String, is_folder: bool) -> Checked<Self> {
        let file = |name: &str, content: Bytes| File {
            path: format!("{area}{name}"),
            size: Some(content.len() as u64),
            content: Some(content),
        };
        let mut survey = Self {
            base: match is_folder {
                true => area.trim_end_matches('/').to_owned(),
                false => folder.to_owned(),
            },
            files: vec![file("a.txt", Bytes::from_static(b"alpha\n"))],
            folders: Vec::new(),
            area: Ok(area.clone()),
            is_folder,
        };
        let mut wanted = vec![
            file("b.txt", Bytes::from_static(b"bravo\n")),
            file("large.bin", pattern(LARGE_BYTES)),
        ];
        if is_folder {
            wanted.push(file("sub/c.txt", Bytes::from_static(b"charlie\n")));
            wanted.push(file("sub/deep/d.txt", Bytes::from_static(b"delta\n")));
            wanted.push(file("tail/e.txt", Bytes::from_static(b"echo\n")));
            survey.folders = ["sub", "sub/deep", "tail"]
                .map(|name| format!("{area}{name}"))
                .into();
        }
        for file in wanted {
            let content = file.content.clone().unwrap_or_default();
            let written = client.write(&file.path, file.size, whole(content)).await;
            done(&format!("writing `{}`", file.path), written)?;
            survey.files.push(file);
        }
        Ok(survey)
    }

    /// Looks around in a store that refuses to be written.
    async fn explore(client: &Client, folder: &str, refusal: Error) -> Checked<Self> {
        let mut survey = Self {
            base: folder.to_owned(),
            files: Vec::new(),
            folders: Vec::new(),
            area: Err(refusal),
            is_folder: false,
        };
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            let listed = client.list(&folder, false, None, PAGE).await;
            for entry in done(&format!("listing `{folder}`"), listed)?.entries {
                let path = join(&folder, &entry.path);
                if entry.folder {
                    survey.folders.push(path.clone());
                    waiting.push(path);
                } else {
                    survey.files.push(of_entry(path, &entry));
                }
            }
            if survey.files.len() + survey.folders.len() > ENTRIES_MAX {
                break;
            }
        }
        Ok(survey)
    }

    /// Where files may be made, or how the store refused.
    pub(super) fn area(&self) -> Result<&str, &Error> {
        self.area.as_deref()
    }

    /// Files that can be read without waiting long, the large one last.
    pub(super) fn readable(&self) -> impl Iterator<Item = &File> {
        let small = |file: &&File| file.size.is_none_or(|size| size <= READ_BYTES_MAX);
        self.files.iter().filter(small).take(10)
    }

    /// The file with the most bytes that is still readable.
    pub(super) fn largest(&self) -> Option<&File> {
        self.readable()
            .max_by_key(|file| file.size.unwrap_or_default())
    }

    pub(super) async fn clear(&self, client: &Client) -> Option<String> {
        let area = self.area.as_deref().ok()?;
        let paths = match self.is_folder {
            true => vec![self.base.clone()],
            false => self.files.iter().map(|file| file.path.clone()).collect(),
        };
        for path in paths {
            // By a plugin at fault the folder may be gone already, or never go.
            if client.delete(&path).await.is_err() && client.stat(&path).await.is_ok() {
                return Some(format!("`{area}` could not be removed from the store"));
            }
        }
        None
    }
}

fn of_entry(path: String, entry: &Entry) -> File {
    File {
        path,
        size: entry.size,
        content: None,
    }
}

/// Whether an error says that a store is not there to be changed.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(error.outcome(), Outcome::Unsupported | Outcome::Denied)
}
