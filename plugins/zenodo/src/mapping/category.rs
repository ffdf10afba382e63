//! Zenodo's types of deposits, from the category that Sciebo RDS lets its users choose.

use tenon_ro_crate::Entity;

use super::correct::text;

/// The property's plain name, and what Sciebo RDS's own context makes of it.
const PROPERTIES: [&str; 2] = [
    "zenodocategory",
    "https://www.research-data-services.org/jsonld/zenodocategory",
];

/// A type, and a subtype, that fits everything.
pub(super) const OTHER: &str = "other";

/// The types that Zenodo wants a subtype for.
const WITH_SUBTYPE: [&str; 2] = ["publication", "image"];

pub(super) struct Category {
    pub(super) kind: String,
    pub(super) subtype: Option<String>,
}

/// `poster` or `publication/thesis`. Which types there are is Zenodo's to say.
pub(super) fn of(root: Entity<'_>) -> Option<Category> {
    let category = PROPERTIES
        .iter()
        .find_map(|property| text(root, property))?
        .to_ascii_lowercase();
    let (kind, subtype) = match category.split_once('/') {
        Some((kind, subtype)) => (kind.trim(), Some(subtype.trim())),
        None => (category.as_str(), None),
    };
    if kind.is_empty() {
        return None;
    }
    let subtype = WITH_SUBTYPE.contains(&kind).then(|| {
        subtype
            .filter(|subtype| !subtype.is_empty())
            .unwrap_or(OTHER)
            .to_owned()
    });
    Some(Category {
        kind: kind.to_owned(),
        subtype,
    })
}
