//! The original connector's mapping with everything it loses, result for result.
//!
//! It reads the crate as plain JSON. On a creation it also drops all keys that begin with `@` and
//! unwraps what holds a single value, types of creators included; on an update it does not. Each member
//! falls back to its default on its own when reading it fails.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Depositor, Target};

const DESCRIPTOR: &str = "ro-crate-metadata.json";
const VERSION: &str = "https://w3id.org/ro/crate/1.1";

/// The properties of the root that anything is made of; of no others are references followed.
const PROPERTIES: [&str; 4] = ["name", "description", "datePublished", "creator"];

/// Items of lists after which references stay. The original knows no bound and fails on circles.
const ITEMS_MAX: usize = 10_000;

/// How deep references are followed.
const DEPTH_MAX: usize = 8;

pub(super) fn map(document: Value, target: Target, depositor: &Depositor<'_>) -> Value {
    match (target, document) {
        (Target::Update, Value::Null) => Value::Null,
        (Target::Update, document) => {
            let root = root(&document, false).unwrap_or(document);
            metadata(&root, depositor)
        }
        (Target::Create, document) => match root(&document, true) {
            Some(root) => metadata(&root, depositor),
            // Whatever is no crate goes to Zenodo as it is, and only objects go at all.
            None if document.is_object() => document,
            None => Value::Null,
        },
    }
}

fn metadata(root: &Value, depositor: &Depositor<'_>) -> Value {
    let today = depositor.today;
    let user = depositor.user.and_then(|user| user.split('@').next());
    json!({
        "title": root
            .get("name")
            .cloned()
            .unwrap_or_else(|| format!("Upload from ScieboRDS - {today}").into()),
        "upload_type": "other",
        "description": root
            .get("description")
            .and_then(joined)
            .unwrap_or_else(|| format!("Uploaded from ScieboRDS - {today}")),
        "publication_date": root
            .get("datePublished")
            .and_then(first)
            .unwrap_or_else(|| today.to_string().into()),
        "creators": root
            .get("creator")
            .and_then(creators)
            .unwrap_or_else(|| json!([{"name": user.unwrap_or_default(), "affiliation": ""}])),
    })
}

/// All the parts of a value in a row; a list of anything but texts fails.
fn joined(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Object(members) => Some(members.keys().map(String::as_str).collect()),
        _ => None,
    }
}

/// The first part of a value: of a text, its first character.
fn first(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => text.chars().next().map(|first| first.to_string().into()),
        Value::Array(items) => items.first().cloned(),
        _ => None,
    }
}

/// One creator out of all that are named: each takes the place of the one before.
fn creators(value: &Value) -> Option<Value> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut creator = Map::new();
    for item in items {
        if item.is_string() {
            creator.insert("name".to_owned(), item.clone());
            continue;
        }
        let member = match item.get("@type")?.as_str() {
            Some("Person") => "name",
            Some("Organization") => "affiliation",
            _ => continue,
        };
        creator.insert(member.to_owned(), item.get("name")?.clone());
    }
    Some(json!([creator]))
}

/// The root entity, or none where the original gives up.
fn root(document: &Value, clean: bool) -> Option<Value> {
    let entities = document.get("@graph")?.as_array()?;
    let mut root = None;
    for entity in entities {
        if entity.get("@id")? == DESCRIPTOR {
            if entity.get("conformsTo")?.get("@id")? != VERSION {
                return None;
            }
            root = Some(entity.get("about")?.get("@id")?);
            break;
        }
    }
    let Some(root) = root else {
        return Some(json!({}));
    };
    let mut by_id = HashMap::new();
    for entity in entities {
        if matches!(entity, Value::Null | Value::Bool(_) | Value::Number(_)) {
            return None;
        }
        if let Some(id) = entity.get("@id").and_then(Value::as_str) {
            by_id.insert(id, entity);
        }
    }
    let mut reader = Reader {
        by_id,
        clean,
        left: ITEMS_MAX,
    };
    reader.entity(root, 0)
}

struct Reader<'a> {
    /// Of several with one id, the last.
    by_id: HashMap<&'a str, &'a Value>,
    clean: bool,
    left: usize,
}

impl Reader<'_> {
    /// The entity of this id, with the references in its lists replaced; empty without one.
    fn entity(&mut self, id: &Value, depth: usize) -> Option<Value> {
        let found = id.as_str().and_then(|id| self.by_id.get(id).copied());
        let mut entity = Map::new();
        for (key, value) in found.and_then(Value::as_object).into_iter().flatten() {
            let value = match value {
                _ if key.is_empty() => return None,
                Value::Array(items)
                    if !key.starts_with('@')
                        && (depth > 0 || PROPERTIES.contains(&key.as_str())) =>
                {
                    items.iter().map(|item| self.item(item, depth)).collect()
                }
                other => other.clone(),
            };
            entity.insert(key.clone(), value);
        }
        let entity = Value::Object(entity);
        if self.clean {
            cleaned(&entity)
        } else {
            Some(entity)
        }
    }

    fn item(&mut self, item: &Value, depth: usize) -> Value {
        let id = item
            .get("@id")
            .filter(|_| depth < DEPTH_MAX && self.left > 0);
        self.left = self.left.saturating_sub(1);
        id.and_then(|id| self.entity(id, depth + 1))
            .unwrap_or_else(|| item.clone())
    }
}

/// A value without keys that begin with `@`, single values taken out of what holds them. None where
/// the original fails: on numbers, truth values and nulls that are a single value.
fn cleaned(value: &Value) -> Option<Value> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => std::slice::from_ref(value),
        other => return Some(other.clone()),
    };
    let kept: Option<Value> = items.iter().map(kept).collect();
    let mut result = kept.unwrap_or_else(|| items.into());
    loop {
        result = match result {
            Value::Array(mut items) if items.len() == 1 => items.pop()?,
            Value::Object(members) if members.len() == 1 => {
                let (key, value) = members.into_iter().next()?;
                if key.is_empty() || key.starts_with('@') {
                    return None;
                }
                value
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => return None,
            done => return Some(done),
        };
    }
}

/// The members of an object that are no keywords. Anything else fails.
fn kept(item: &Value) -> Option<Value> {
    let mut kept = Map::new();
    for (key, value) in item.as_object()? {
        if key.is_empty() {
            return None;
        }
        if !key.starts_with('@') {
            kept.insert(key.clone(), cleaned(value)?);
        }
    }
    Some(kept.into())
}
