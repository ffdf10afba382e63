//! Links from a crate to other works, where schema.org's word and Zenodo's mean the same.

use serde_json::{Value, json};
use tenon_ro_crate::{Entity, Value as Property};

const RELATIONS: [(&str, &str); 4] = [
    ("citation", "cites"),
    ("isBasedOn", "isDerivedFrom"),
    ("isPartOf", "isPartOf"),
    ("sameAs", "isIdenticalTo"),
];

/// The related works that can be addressed, each once.
pub(super) fn identifiers(root: Entity<'_>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    let mut related = Vec::new();
    for (property, relation) in RELATIONS {
        for value in root.values(property) {
            let identifier = match value {
                Property::Text(text) | Property::Reference(text) => identifier(text),
                Property::Entity(work) => identifier(work.id()).or_else(|| {
                    ["identifier", "url"]
                        .iter()
                        .find_map(|property| work.texts(property).find_map(identifier))
                }),
            };
            if let Some(identifier) = identifier
                && seen.insert((relation, identifier.clone()))
            {
                related.push(json!({"identifier": identifier, "relation": relation}));
            }
        }
    }
    related
}

/// A DOI without its resolver, or an address.
fn identifier(text: &str) -> Option<String> {
    let text = text.trim();
    let doi = [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "doi:",
    ]
    .iter()
    .find_map(|resolver| text.strip_prefix(resolver))
    .unwrap_or(text);
    let is_doi = doi.starts_with("10.") && doi.contains('/');
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    if text.contains(char::is_whitespace) {
        return None;
    }
    if is_doi {
        Some(doi.to_owned())
    } else {
        is_address.then(|| text.to_owned())
    }
}
