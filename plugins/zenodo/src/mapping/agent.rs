//! People and organisations, as Zenodo's creators and contributors.

use serde_json::{Map, Value};
use tenon_ro_crate::{Entity, Value as Property};

use super::correct::text;

/// Properties of the root that name contributors, with Zenodo's word for what they did.
const CONTRIBUTIONS: [(&str, &str); 5] = [
    ("contributor", "Other"),
    ("editor", "Editor"),
    ("producer", "Producer"),
    ("sponsor", "Sponsor"),
    ("copyrightHolder", "RightsHolder"),
];

/// All creators in the crate's order. RO-Crate's own examples call them authors.
pub(super) fn creators(root: Entity<'_>) -> Vec<Value> {
    let creators = agents(root, "creator");
    if creators.is_empty() {
        agents(root, "author")
    } else {
        creators
    }
}

/// All contributors in the crate's order.
pub(super) fn contributors(root: Entity<'_>) -> Vec<Value> {
    let mut contributors = Vec::new();
    for (property, kind) in CONTRIBUTIONS {
        for mut contributor in agents(root, property) {
            if let Some(contributor) = contributor.as_object_mut() {
                contributor.insert("type".to_owned(), kind.into());
            }
            contributors.push(contributor);
        }
    }
    contributors
}

/// The agents that a property names, each once.
fn agents(root: Entity<'_>, property: &str) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    root.values(property)
        .filter_map(agent)
        .filter(|agent| seen.insert(agent.to_string()))
        .collect()
}

fn agent(value: Property<'_>) -> Option<Value> {
    let mut agent = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            agent.insert(name.to_owned(), value.into());
        }
    };
    match value {
        Property::Text(name) => {
            put("orcid", orcid(name));
            put("name", named(name));
        }
        Property::Reference(id) => {
            put("orcid", orcid(id));
            put("name", named(id));
        }
        Property::Entity(entity) => {
            put("affiliation", affiliation(entity));
            put("orcid", orcid_of(entity));
            put("name", name(entity).or_else(|| named(entity.id())));
        }
    }
    agent.contains_key("name").then(|| agent.into())
}

/// `Family, Given` where both are known. A name in one piece is not taken apart: where it would have
/// to be cut depends on its language.
fn name(entity: Entity<'_>) -> Option<String> {
    let join = |property| {
        let names: Vec<&str> = entity.texts(property).map(str::trim).collect();
        Some(names.join(" ")).filter(|names| !names.trim().is_empty())
    };
    match (join("familyName"), join("givenName")) {
        (Some(family), Some(given)) => Some(format!("{family}, {given}")),
        (family, given) => text(entity, "name").map(str::to_owned).or(family).or(given),
    }
}

/// What an id that says nothing else can give: itself, without the mark of a local id.
fn named(id: &str) -> Option<String> {
    let name = id.trim().trim_start_matches('#');
    (!name.is_empty() && !name.starts_with("_:")).then(|| name.to_owned())
}

/// Zenodo has one text for all affiliations of a person.
fn affiliation(entity: Entity<'_>) -> Option<String> {
    let names: Vec<String> = entity
        .values("affiliation")
        .filter_map(|value| match value {
            Property::Text(name) => named(name),
            Property::Reference(id) => named(id),
            Property::Entity(organization) => {
                name(organization).or_else(|| named(organization.id()))
            }
        })
        .collect();
    (!names.is_empty()).then(|| names.join("; "))
}

/// From the entity's id, or from what it gives as its identifier.
fn orcid_of(entity: Entity<'_>) -> Option<String> {
    orcid(entity.id()).or_else(|| {
        ["identifier", "sameAs"].iter().find_map(|property| {
            entity.values(property).find_map(|value| match value {
                Property::Text(text) => orcid(text),
                Property::Reference(id) => orcid(id),
                Property::Entity(value) => {
                    orcid(value.id()).or_else(|| value.texts("value").find_map(orcid))
                }
            })
        })
    })
}

/// The ORCID iD in an address, after `orcid:`, or alone. One with a wrong check digit is none: Zenodo
/// would refuse the whole deposit for it.
fn orcid(text: &str) -> Option<String> {
    let text = text.trim();
    let id = match text.split_once("orcid.org/") {
        Some(("https://" | "http://" | "https://www." | "", id)) => id,
        Some(_) => return None,
        None => text
            .split_once(':')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("orcid"))
            .map_or(text, |(_, id)| id),
    };
    let id = id.trim().trim_end_matches('/').to_ascii_uppercase();
    let groups: Vec<&str> = id.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return None;
    }
    let digits = groups.concat();
    let (digits, check) = digits.split_at_checked(15)?;
    let mut sum = 0;
    for digit in digits.chars() {
        sum = (sum + digit.to_digit(10)?) * 2;
    }
    let wanted = match (12 - sum % 11) % 11 {
        10 => "X".to_owned(),
        digit => digit.to_string(),
    };
    (check == wanted).then_some(id)
}
