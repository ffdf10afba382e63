//! Finds the root data entity as the specification says, and the version.

use crate::{
    Entity, Error, Value, Version,
    context::{SPECIFICATION, without_scheme},
    graph::Graph,
};

/// The names of the metadata document; the second is that of old crates.
const NAMES: [&str; 2] = ["ro-crate-metadata.json", "ro-crate-metadata.jsonld"];

/// Whether the texts of a property matter here.
pub(crate) fn reads(property: &str) -> bool {
    matches!(property, "about" | "conformsTo")
}

pub(crate) fn find(graph: &Graph) -> Result<(usize, Version), Error> {
    let descriptor = descriptor(graph).ok_or(Error::NoDescriptor)?;
    let version = match specification(descriptor) {
        // A version is what a crate should say, and need not.
        None => Version::V1_1,
        Some(iri) => without_scheme(iri)
            .and_then(|iri| iri.strip_prefix(SPECIFICATION))
            .and_then(version)
            .ok_or_else(|| Error::Version(iri.to_owned()))?,
    };
    let about = descriptor
        .values("about")
        .map(id)
        .next()
        .unwrap_or_default();
    let root = graph
        .described(about)
        .ok_or_else(|| Error::NoRoot(about.to_owned()))?;
    Ok((root, version))
}

/// The version that begins this text: `1.1`, `1.1.3`, `1.2-DRAFT`, `1.2/`.
pub(crate) fn version(text: &str) -> Option<Version> {
    [("1.1", Version::V1_1), ("1.2", Version::V1_2)]
        .into_iter()
        .find(|(number, _)| {
            text.strip_prefix(number)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '/']))
        })
        .map(|(_, version)| version)
}

/// By its whole id first: a crate may describe the documents of other crates, and those have a path.
fn descriptor(graph: &Graph) -> Option<Entity<'_>> {
    let is_one = |entity: &Entity<'_>| entity.values("about").next().is_some();
    let by_name = NAMES
        .iter()
        .filter_map(|name| graph.described(name))
        .map(|position| Entity::new(graph, position))
        .find(is_one);
    by_name.or_else(|| {
        let all = || (0..graph.nodes.len()).map(|position| Entity::new(graph, position));
        all()
            .filter(|entity| NAMES.iter().any(|name| entity.id().ends_with(name)))
            .find(is_one)
            .or_else(|| {
                all()
                    .filter(|entity| specification(*entity).is_some())
                    .find(is_one)
            })
    })
}

/// What the document conforms to, beside profiles.
fn specification(descriptor: Entity<'_>) -> Option<&str> {
    descriptor.values("conformsTo").map(id).find(|iri| {
        without_scheme(iri)
            .and_then(|iri| iri.strip_prefix(SPECIFICATION))
            .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Some write an id as a plain text.
fn id(value: Value<'_>) -> &str {
    match value {
        Value::Text(id) | Value::Reference(id) => id,
        Value::Entity(entity) => entity.id(),
    }
}
