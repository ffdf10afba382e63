//! A plugin has 128 KiB of stack, and whoever deposits may write what they like. Half of it must do:
//! the rest is for who calls.

use std::thread;

use super::*;
use crate::{document::DEPTH_MAX, graph::ENTITIES_MAX};

/// Parses where a plugin would.
fn parse_with_little_stack(document: String) -> Result<Crate, Error> {
    thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || Crate::parse(&document))
        .unwrap()
        .join()
        .unwrap()
}

/// A document whose root has this property, given as text.
fn with_name(name: &str) -> String {
    document(json!([{"@id": "./", "name": "NAME"}]))
        .to_string()
        .replace("\"NAME\"", name)
}

#[test]
fn depth_is_bounded() {
    let levels = DEPTH_MAX - 4;
    for (open, close) in [
        ("[", "]"),
        ("{\"name\":", "}"),
        ("{\"name\":", ",\"zzz\":{\"@id\":\"x\"}}"),
        ("{\"@id\":\"x\",\"name\":", "}"),
        ("{\"@list\":[", "]}"),
        ("{\"@graph\":[", "]}"),
        ("{\"@reverse\":{\"name\":", "}}"),
    ] {
        let cost = open.matches(['{', '[']).count();
        let nested = |levels: usize| {
            let levels = levels / cost;
            format!("{}\"x\"{}", open.repeat(levels), close.repeat(levels))
        };
        // As deep as allowed it is read or refused, and neither ends the process.
        match parse_with_little_stack(with_name(&nested(levels))) {
            Ok(_) | Err(Error::JsonLd(_)) => {}
            Err(error) => panic!("{open}: {error}"),
        }
        for levels in [levels + 2 * cost, 1_000, 500_000] {
            let error = parse_with_little_stack(with_name(&nested(levels))).unwrap_err();
            assert_eq!(error, Error::TooDeep, "{open} {levels}");
        }
    }
}

#[test]
fn brackets_in_strings_are_no_depth() {
    let text = "[{".repeat(1_000);
    let document = with_name(&json!([text, "\\\"[", "\\"]).to_string());
    let parsed = parse_with_little_stack(document).unwrap();
    assert_eq!(shown(parsed.root(), "name"), [text.as_str(), "\\\"[", "\\"]);
}

#[test]
fn a_context_cannot_recurse_for_ever() {
    let chain = |length: usize| {
        let mut document = document(json!([{"@id": "./", "a0": "T"}]));
        let mut terms = json!({format!("a{length}"): "http://schema.org/name"});
        for n in 0..length {
            terms[format!("a{n}")] = json!({"@id": format!("a{}", n + 1)});
        }
        document["@context"] = json!(["https://w3id.org/ro/crate/1.1/context", terms]);
        parse_with_little_stack(document.to_string())
    };
    assert_eq!(chain(7).unwrap().root().text("name"), Some("T"));
    for length in [8, 10_000] {
        assert!(
            matches!(chain(length), Err(Error::ContextChain(_))),
            "{length}"
        );
    }
    for terms in [
        json!({"a": "b:x", "b": "a:x"}),
        json!({"a:b": "x", "a": "c:", "c": {"@type": "a"}}),
    ] {
        let mut document = document(json!([{"@id": "./"}]));
        document["@context"] = terms;
        let error = parse_with_little_stack(document.to_string()).unwrap_err();
        assert!(matches!(error, Error::ContextChain(_)), "{error}");
    }
}

#[test]
fn there_is_one_context() {
    let mut scoped = document(json!([{"@id": "./"}]));
    scoped["@context"] = json!([
        "https://w3id.org/ro/crate/1.1/context",
        {"Person": {"@id": "http://schema.org/Person", "@context": {"a": "http://schema.org/name"}}}
    ]);
    assert_eq!(error(&scoped), Error::InnerContext);
    let inner = document(json!([{"@id": "./", "author": {"@context": {}, "@id": "#a"}}]));
    assert_eq!(error(&inner), Error::InnerContext);
}

#[test]
fn the_number_of_entities_is_bounded() {
    let with_parts = |count: usize| {
        let parts: Vec<Json> = (0..count)
            .map(|n| json!({"@id": format!("f{n}")}))
            .collect();
        parse_with_little_stack(document(json!([{"@id": "./", "hasPart": parts}])).to_string())
    };
    // Beside the parts: the document, its version and the root.
    assert_eq!(
        with_parts(ENTITIES_MAX - 3)
            .unwrap()
            .root()
            .values("hasPart")
            .count(),
        ENTITIES_MAX - 3
    );
    assert_eq!(
        with_parts(ENTITIES_MAX - 2).unwrap_err(),
        Error::TooManyEntities
    );
}

#[test]
fn many_entities_and_long_lists_are_read() {
    let mut entities = vec![json!({
        "@id": "./",
        "hasPart": {"@list": (0..10_000).map(|n| json!({"@id": format!("f{n}")})).collect::<Vec<_>>()}
    })];
    entities.extend((0..10_000).map(|n| {
        json!({"@id": format!("f{n}"), "@type": "File", "name": format!("{n}"), "author": {"name": "nested"}})
    }));
    let parsed = parse_with_little_stack(document(json!(entities)).to_string()).unwrap();
    for (n, part) in parsed.root().values("hasPart").enumerate() {
        let Value::Entity(part) = part else {
            panic!("part {n} is described");
        };
        assert_eq!(part.text("name"), Some(n.to_string().as_str()));
    }
    assert_eq!(parsed.root().values("hasPart").count(), 10_000);
}

#[test]
fn a_circle_of_list_links_ends() {
    const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    let rest = format!("{RDF}rest");
    let first = format!("{RDF}first");
    let parsed = parse_with_little_stack(
        document(json!([
            {"@id": "./", "name": {"@id": "_:a"}},
            {"@id": "_:a", (first.clone()): "1", (rest.clone()): {"@id": "_:b"}},
            {"@id": "_:b", (first): "2", (rest): {"@id": "_:a"}}
        ]))
        .to_string(),
    )
    .unwrap();
    assert_eq!(shown(parsed.root(), "name")[..2], ["1", "2"]);
}

#[test]
fn a_container_of_graphs_is_refused() {
    for container in [json!("@graph"), json!(["@graph", "@id"])] {
        let mut document = document(json!([{"@id": "./", "parts": {"@list": ["x"]}}]));
        document["@context"] = json!([
            "https://w3id.org/ro/crate/1.1/context",
            {"parts": {"@id": "http://schema.org/hasPart", "@container": container}}
        ]);
        assert_eq!(error(&document), Error::GraphContainer("parts".to_owned()));
    }
}

#[test]
fn values_are_counted_wherever_they_are() {
    let many = "0,".repeat(500_000);
    let document = format!(r#"{{"@graph": [{{"@id": "./", "x": [{many}0]}}]}}"#);
    let refused = Crate::parse(&document).map(drop);
    assert_eq!(refused.unwrap_err(), Error::TooManyValues);
    // In a text they are none.
    let text = format!(r#"{{"@graph": [{{"@id": "./", "x": "{many}"}}]}}"#);
    let refused = Crate::parse(&text).map(drop);
    assert_ne!(refused.unwrap_err(), Error::TooManyValues);
}
