//! The JSON:API documents that the service sends, as far as they are of use here.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::id::Id;

/// A whole answer: one resource, or a page of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Document<T> {
    pub(crate) data: T,
    #[serde(default)]
    pub(crate) links: Option<PageLinks>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PageLinks {
    pub(crate) next: Option<String>,
}

/// A project, which the service calls a node.
#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: Id,
    attributes: NodeAttributes,
}

#[derive(Debug, Deserialize)]
struct NodeAttributes {
    public: bool,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Node {
    pub(crate) fn is_public(&self) -> bool {
        self.attributes.public
    }

    /// All attributes, as a JSON object.
    pub(crate) fn into_metadata(self) -> String {
        let mut attributes = self.attributes.others;
        attributes.insert("public".to_owned(), self.attributes.public.into());
        Value::Object(attributes).to_string()
    }
}

/// A persistent identifier of a project.
#[derive(Debug, Deserialize)]
pub(crate) struct Identifier {
    pub(crate) attributes: IdentifierAttributes,
}

#[derive(Debug, Deserialize)]
pub(crate) struct IdentifierAttributes {
    pub(crate) category: String,
    pub(crate) value: String,
}

/// Where a project's files can be.
#[derive(Debug, Deserialize)]
pub(crate) struct Provider {
    pub(crate) attributes: ProviderAttributes,
    pub(crate) links: ProviderLinks,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ProviderAttributes {
    pub(crate) provider: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ProviderLinks {
    pub(crate) upload: Option<String>,
}

/// A file or folder. The API and the file service differ in one attribute's name.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) attributes: EntryAttributes,
}

#[derive(Debug, Deserialize)]
pub(crate) struct EntryAttributes {
    pub(crate) name: String,
    pub(crate) kind: EntryKind,
    /// The id between slashes; a folder has one behind it too.
    path: String,
    #[serde(alias = "materialized")]
    materialized_path: String,
    #[serde(default)]
    pub(crate) size: Option<u64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EntryKind {
    File,
    Folder,
}

impl EntryKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
        }
    }
}

impl Entry {
    pub(crate) fn is(&self, kind: EntryKind, name: &str) -> bool {
        self.attributes.kind == kind && self.attributes.name == name
    }

    pub(crate) fn id(&self) -> tenon_sdk::Result<Id> {
        Id::new(self.attributes.path.trim_matches('/'))
    }
}

impl TryFrom<Entry> for tenon_sdk::repository::DepositedFile {
    type Error = tenon_sdk::Error;

    fn try_from(entry: Entry) -> tenon_sdk::Result<Self> {
        let id = entry.id()?.into();
        let attributes = entry.attributes;
        let name = attributes.materialized_path.trim_start_matches('/');
        Ok(Self {
            id,
            name: name.to_owned(),
            size: attributes.size,
            details: Value::Object(attributes.others).to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenon_sdk::repository::DepositedFile;

    use super::*;

    #[test]
    fn a_node_keeps_all_its_attributes() {
        let node: Node = serde_json::from_value(json!({
            "id": "ezcuj", "type": "nodes", "links": {},
            "attributes": {"title": "T", "public": false, "tags": ["a"], "description": null},
        }))
        .unwrap();
        assert!(!node.is_public());
        let metadata: Value = serde_json::from_str(&node.into_metadata()).unwrap();
        assert_eq!(
            metadata,
            json!({"title": "T", "public": false, "tags": ["a"], "description": null})
        );
    }

    #[test]
    fn a_file_is_the_same_from_either_service() {
        let attributes = |materialized: &str| {
            json!({"attributes": {
                "name": "c d.txt", "kind": "file", "path": "/553e69248c5e4a219919ea54",
                materialized: "/a/b/c d.txt", "size": 5, "extra": {"hashes": {"md5": "x"}},
            }})
        };
        for materialized in ["materialized", "materialized_path"] {
            let entry: Entry = serde_json::from_value(attributes(materialized)).unwrap();
            assert!(entry.is(EntryKind::File, "c d.txt"));
            assert!(!entry.is(EntryKind::Folder, "c d.txt"));
            assert_eq!(
                DepositedFile::try_from(entry).unwrap(),
                DepositedFile {
                    id: "553e69248c5e4a219919ea54".to_owned(),
                    name: "a/b/c d.txt".to_owned(),
                    size: Some(5),
                    details: r#"{"extra":{"hashes":{"md5":"x"}}}"#.to_owned(),
                }
            );
        }
    }

    #[test]
    fn an_id_that_is_none_is_refused() {
        let node = json!({"id": "../x", "attributes": {"public": true}});
        assert!(serde_json::from_value::<Node>(node).is_err());
        let folder = json!({"attributes": {
            "name": "a", "kind": "folder", "path": "/../", "materialized": "/a/",
        }});
        let folder: Entry = serde_json::from_value(folder).unwrap();
        assert!(folder.id().is_err());
    }
}
