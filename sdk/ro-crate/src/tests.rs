//! The same crate must read the same however it is written.

mod forms;
mod limits;
mod plain;
mod roots;

use serde_json::{Value as Json, json};

use super::*;

/// A document of RO-Crate 1.1 with these entities beside the descriptor.
fn document(entities: Json) -> Json {
    let mut graph = vec![json!({
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"}
    })];
    graph.extend(entities.as_array().cloned().unwrap_or_default());
    json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})
}

fn parse(document: &Json) -> Crate {
    Crate::check(&document.to_string()).unwrap();
    plain::assert_alike(document);
    Crate::parse(&document.to_string()).unwrap()
}

fn error(document: &Json) -> Error {
    let error = Crate::parse(&document.to_string()).unwrap_err();
    assert_eq!(Crate::check(&document.to_string()), Err(error.clone()));
    error
}

/// A property's values: texts as they are, ids in angle brackets, unknown ids in square ones.
fn shown(entity: Entity<'_>, property: &str) -> Vec<String> {
    entity
        .values(property)
        .map(|value| match value {
            Value::Text(text) => text.to_owned(),
            Value::Entity(entity) => format!("<{}>", entity.id()),
            Value::Reference(id) => format!("[{id}]"),
        })
        .collect()
}

/// What the root of a document with this context and these members says of its `name`.
fn name_of_root(context: Json, members: Json) -> Vec<String> {
    let mut document = document(json!([{"@id": "./", "@type": "Dataset"}]));
    document["@context"] = context;
    for (key, value) in members.as_object().unwrap() {
        document["@graph"][1][key] = value.clone();
    }
    shown(parse(&document).root(), "name")
}
