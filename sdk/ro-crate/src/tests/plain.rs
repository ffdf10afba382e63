//! Both readers tell the same of what both can read.

use std::collections::BTreeMap;

use super::*;
use crate::{
    document,
    graph::{Graph, Object},
    plain::{self, Keep},
};

type Told = BTreeMap<String, (bool, Vec<String>, BTreeMap<String, Vec<String>>)>;

/// All that a graph says, in the order of each property.
fn told(graph: &Graph) -> Told {
    let node = |node: &crate::graph::Node| {
        let types = node.types.iter().map(|kind| kind.to_string());
        let mut values = BTreeMap::<_, Vec<String>>::new();
        for (property, object) in &node.values {
            let value = match object {
                Object::Text(text) => text.clone(),
                Object::Node(position) => format!("<{}>", graph.nodes[*position].id),
            };
            values.entry(property.to_string()).or_default().push(value);
        }
        (
            node.id.to_string(),
            (node.described, types.collect(), values),
        )
    };
    graph.nodes.iter().map(node).collect()
}

/// Whether a document is plain; if it is, the JSON-LD parser must read the same.
fn is_plain(document: &Json) -> bool {
    let text = document.to_string();
    let Some(plain) = plain::read(&text, Keep::Everything) else {
        return false;
    };
    let full = Graph::read(&document::prepare(&text).unwrap()).unwrap();
    assert_eq!(told(&plain), told(&full), "{document:#}");
    true
}

pub(super) fn assert_alike(document: &Json) {
    is_plain(document);
}

#[test]
fn what_tools_write_is_plain() {
    assert!(is_plain(&document(json!([
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "T",
            "creator": [{"@id": "#ada"}, {"@id": "#ben"}, {"@id": "#ada"}],
            "keywords": ["a", "b", "a"],
            "hasPart": [{"@id": "data/a b.csv"}, {"@id": "./data/ü.csv"}, {"@id": "../x"}],
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "version": 1.0,
            "isAccessibleForFree": true,
            "description": "",
            "identifier": null,
            "funder": [],
        },
        {"@id": "data/a b.csv", "@type": ["MediaObject", "ImageObject", "File"], "contentSize": 12},
        {"@id": "data/ü.csv", "@type": "MediaObject", "conformsTo": {"@id": "https://a.example/p"}},
        {"@id": "#ada", "@type": ["Person", "Author", "Person"], "name": ["Ada", "A."]},
        {"@id": "#nobody"},
        {"@id": "#ada", "email": "a@a.example"},
        {"@id": "#journal", "@type": "Periodical", "hasFile": "x", "custom_term": "y"},
    ]))));
}

#[test]
fn what_is_not_plain_beyond_doubt_is_left_to_the_parser() {
    for entity in [
        json!({"@id": "./", "schema:name": "T"}),
        json!({"@id": "./", "http://schema.org/name": "T"}),
        json!({"@id": "./", "name": {"@value": "T"}}),
        json!({"@id": "./", "name": ["T", ["U"]]}),
        json!({"@id": "./", "creator": {"@id": "#a", "name": "Ada"}}),
        json!({"@id": "./", "creator": {"@list": [{"@id": "#a"}]}}),
        json!({"@id": "./", "@reverse": {"about": {"@id": "#a"}}}),
        json!({"@id": "_:b", "name": "T"}),
        json!({"@id": "File:x", "name": "T"}),
        json!({"@id": "", "name": "T"}),
        json!({"name": "T"}),
        json!({"@id": "./", "@type": "schema:Dataset"}),
    ] {
        assert!(!is_plain(&document(json!([entity]))), "{entity}");
    }
    let long = vec![json!("a"); crate::graph::ENTITIES_MAX + 1];
    assert!(!is_plain(&document(
        json!([{"@id": "./", "keywords": long}])
    )));
    let mut other = document(json!([{"@id": "./", "name": "T"}]));
    for context in [
        json!(["https://w3id.org/ro/crate/1.1/context", {"x": "http://x.example/"}]),
        json!("https://schema.org/"),
    ] {
        other["@context"] = context;
        assert!(!is_plain(&other));
    }
}
