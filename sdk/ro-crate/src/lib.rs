//! Reads RO-Crate metadata documents, version 1.1 and 1.2, as the JSON-LD they are.
//!
//! A crate is a graph of entities. The same graph can be written in many ways: one value or a list
//! of one, terms, prefixes or whole IRIs, references or nested objects. Whoever reads it through
//! [`Crate`] sees no difference. Nothing is fetched: the contexts an RO-Crate names are answered from
//! within, any other is an error that names it.
//!
//! Ids are given back as the document writes them. Two ids are the same when they differ only in
//! leading `./`.

mod context;
mod document;
mod entity;
mod error;
mod graph;
mod plain;
mod root;
#[cfg(test)]
mod tests;

pub use entity::{Entity, Value};
pub use error::Error;

use plain::Keep;

/// The version of the specification that a crate says it conforms to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// RO-Crate 1.1, in any of its revisions.
    V1_1,
    /// RO-Crate 1.2, in any of its revisions.
    V1_2,
}

/// A parsed RO-Crate metadata document.
#[derive(Debug)]
pub struct Crate {
    graph: graph::Graph,
    root: usize,
    version: Version,
}

impl Crate {
    /// Reads the text of a metadata document.
    pub fn parse(json: &str) -> Result<Self, Error> {
        Self::read(json, Keep::Everything)
    }

    /// Whether a text is a metadata document, without keeping what it says: the same errors as
    /// [`parse`](Self::parse), in less time and memory.
    pub fn check(json: &str) -> Result<(), Error> {
        Self::read(json, Keep::Outline).map(drop)
    }

    fn read(json: &str, keep: Keep) -> Result<Self, Error> {
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        document::check_size(json)?;
        let graph = match plain::read(json, keep) {
            Some(graph) => graph,
            None => graph::Graph::read(&document::prepare(json)?)?,
        };
        let (root, version) = root::find(&graph)?;
        Ok(Self {
            graph,
            root,
            version,
        })
    }

    /// Whether this looks like a metadata document and not like other JSON. It may still be wrong.
    pub fn is_crate(json: &serde_json::Value) -> bool {
        json.get("@graph").is_some()
    }

    /// What the crate is about.
    pub fn root(&self) -> Entity<'_> {
        Entity::new(&self.graph, self.root)
    }

    /// The entity of this id, if the crate describes it.
    pub fn entity(&self, id: &str) -> Option<Entity<'_>> {
        self.graph
            .described(id)
            .map(|node| Entity::new(&self.graph, node))
    }

    /// The version of the specification that the crate conforms to.
    pub fn version(&self) -> Version {
        self.version
    }
}
