//! Nodes and the files in their storage, and who may do what with them.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::content::Content;
use crate::refused::Refused;

/// A file or folder in a node's storage.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier at WaterButler.
    pub id: String,
    /// Where it is, such as `/folder/file.txt`; a folder ends with `/`.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// A file's length.
    pub size: u64,
    /// The MD5 of a file's content, in hexadecimal.
    pub md5: String,
    /// A file's content, if it is no longer than [`KEPT`](crate::KEPT).
    pub content: Option<Bytes>,
    /// How often a file was written.
    pub versions: u32,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes, md5 {})", self.path, self.size, self.md5)
    }
}

impl Entry {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or("")
    }

    /// The path of the folder that it is in.
    pub(crate) fn parent(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.strip_suffix(self.name()).unwrap_or("/")
    }

    pub(crate) fn fill(&mut self, content: Content) {
        self.size = content.size;
        self.md5 = content.md5;
        self.content = content.kept;
        self.versions += 1;
    }
}

/// A project or component.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its identifier, of five characters.
    pub id: String,
    /// The token of its owner.
    pub owner: String,
    /// Its writable attributes.
    pub attributes: Value,
    /// What is in its storage, in the order of making.
    pub entries: Vec<Entry>,
    /// Its DOI, once it was minted.
    pub doi: Option<String>,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Node {
    /// Whether everyone may see it.
    pub fn is_public(&self) -> bool {
        self.attributes["public"] == true
    }

    /// The file or folder at a path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }
}

/// The state of the fake.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Vec<String>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) entries: u64,
    /// Where links lead.
    pub(crate) origin: String,
    /// How many make a page, unless asked otherwise.
    pub(crate) page: usize,
}

#[derive(Debug)]
pub(crate) struct Shared(Mutex<State>);

impl Default for Shared {
    fn default() -> Self {
        Self(Mutex::new(State {
            tokens: Vec::new(),
            nodes: Vec::new(),
            entries: 0,
            origin: String::new(),
            page: 10,
        }))
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) const DENIED: &str = "You do not have permission to perform this action.";

impl State {
    pub(crate) fn add(&mut self, owner: &str, attributes: Value) -> usize {
        let mut all = json!({
            "title": "", "category": "", "description": "", "public": false, "tags": [],
            "node_license": null,
        });
        merge(&mut all, attributes);
        self.nodes.push(Node {
            id: format!("n{:04}", self.nodes.len() + 1),
            owner: owner.to_owned(),
            attributes: all,
            entries: Vec::new(),
            doi: None,
            deleted: false,
        });
        self.nodes.len() - 1
    }

    fn existing(&mut self, id: &str) -> Result<&mut Node, Refused> {
        let node = self.nodes.iter_mut().find(|node| node.id == id);
        let node = node.ok_or_else(|| Refused::document(404, "Not found."))?;
        if node.deleted {
            let gone = "The requested node is no longer available.";
            return Err(Refused::document(410, gone));
        }
        Ok(node)
    }

    /// A node that this user may see.
    pub(crate) fn readable(&mut self, user: &str, id: &str) -> Result<&mut Node, Refused> {
        let node = self.existing(id)?;
        if node.owner != user && !node.is_public() {
            return Err(Refused::document(403, DENIED));
        }
        Ok(node)
    }

    /// A node that this user may change.
    pub(crate) fn writable(&mut self, user: &str, id: &str) -> Result<&mut Node, Refused> {
        let node = self.existing(id)?;
        if node.owner != user {
            return Err(Refused::document(403, DENIED));
        }
        Ok(node)
    }

    /// An identifier for the next file or folder.
    pub(crate) fn entry_id(&mut self) -> String {
        self.entries += 1;
        format!("{:024x}", 0x553e_6924_8c5e_4a21_u64 + self.entries)
    }
}

/// Sets the given attributes; the others stay.
pub(crate) fn merge(attributes: &mut Value, new: Value) {
    if let Value::Object(new) = new {
        for (name, value) in new {
            attributes[name] = value;
        }
    }
}
