//! The plain form in which nearly every tool writes a crate: one RO-Crate context, and a flat list of
//! entities whose values are texts and references. It is read without the JSON-LD parser, which
//! takes several times as long. Whatever is not plain beyond doubt is left to that parser; what both
//! can read, they read alike.

use serde_json::{Map, Value};

use crate::{
    Error, context,
    graph::{Graph, Object},
};

/// The graph of a prepared document; `None` when it is not plain.
pub(crate) fn read(document: &Map<String, Value>) -> Result<Option<Graph>, Error> {
    let Some(Value::Array(entities)) = document.get("@graph") else {
        return Ok(None);
    };
    let of_ro_crate = document
        .get("@context")
        .and_then(Value::as_str)
        .is_some_and(context::is_ro_crate);
    if !of_ro_crate || document.len() != 2 {
        return Ok(None);
    }
    let mut graph = Graph::default();
    for entity in entities {
        let entity = entity.as_object().and_then(Entity::new);
        let Some(entity) = entity else {
            return Ok(None);
        };
        if !entity.add_to(&mut graph)? {
            return Ok(None);
        }
    }
    Ok(Some(graph))
}

struct Entity<'a> {
    id: &'a str,
    members: &'a Map<String, Value>,
}

impl<'a> Entity<'a> {
    fn new(members: &'a Map<String, Value>) -> Option<Self> {
        let id = members.get("@id").and_then(plain_id)?;
        Some(Self { id, members })
    }

    /// Whether all of it is plain. What was added before is of no use if not.
    fn add_to(&self, graph: &mut Graph) -> Result<bool, Error> {
        for (key, value) in self.members {
            let plain = match key.as_str() {
                "@id" => true,
                "@type" => self.add_types(graph, value)?,
                key => match term(key) {
                    Some(property) => self.add_values(graph, property, value)?,
                    None => false,
                },
            };
            if !plain {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn add_types(&self, graph: &mut Graph, value: &Value) -> Result<bool, Error> {
        let kinds: Option<Vec<_>> = items(value).iter().map(Value::as_str).collect();
        let Some(mut kinds) = kinds else {
            return Ok(false);
        };
        // As the parser does, before it looks them up.
        kinds.sort_unstable();
        let types: Option<Vec<_>> = kinds.into_iter().map(term).collect();
        let Some(types) = types else {
            return Ok(false);
        };
        if !types.is_empty() {
            let node = graph.node(self.id.to_owned())?;
            let types = types.into_iter().map(str::to_owned);
            graph.describe(node, |node| node.types.extend(types));
        }
        Ok(true)
    }

    fn add_values(&self, graph: &mut Graph, property: &str, value: &Value) -> Result<bool, Error> {
        for value in items(value) {
            let object = match value {
                Value::Null => continue,
                Value::String(text) => Object::Text(text.clone()),
                Value::Bool(truth) => Object::Text(truth.to_string()),
                Value::Object(reference) if reference.len() == 1 => {
                    let Some(id) = reference.get("@id").and_then(plain_id) else {
                        return Ok(false);
                    };
                    // The subject comes first, as in a triple.
                    graph.node(self.id.to_owned())?;
                    Object::Node(graph.node(id.to_owned())?)
                }
                // Numbers have become texts.
                Value::Number(_) | Value::Array(_) | Value::Object(_) => return Ok(false),
            };
            let node = graph.node(self.id.to_owned())?;
            graph.describe(node, |node| node.values.push((property.to_owned(), object)));
        }
        Ok(true)
    }
}

/// One value and a list of one are the same.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// An id that means itself: neither a blank node nor, for the terms of the context, a prefix and a
/// name.
fn plain_id(value: &Value) -> Option<&str> {
    let id = value.as_str()?;
    let is_web = id.starts_with("http://") || id.starts_with("https://");
    (!id.is_empty() && !id.starts_with('@') && (is_web || !id.contains(':'))).then_some(id)
}

/// The name of a term, where that takes no more than a look at the context.
fn term(text: &str) -> Option<&str> {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then(|| context::preferred(text))
}
