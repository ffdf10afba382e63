//! The plain form in which nearly every tool writes a crate: one RO-Crate context, and a flat list of
//! entities whose values are texts and references. It goes from the text straight into the graph,
//! which takes a fraction of the JSON-LD parser's time and memory. Whatever is not plain beyond doubt
//! is left to that parser, and so is what is wrong; what both can read, they read alike.

mod value;

use std::{borrow::Cow, fmt, sync::Arc};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::{
    context,
    graph::{Graph, Object},
    root,
};
use value::{Plain, Text, Texts, Values};

/// Properties to look through for each value, and members of one entity. Others are rare.
const FEW: usize = 32;

/// How much of a crate is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of it.
    Everything,
    /// What tells whether it is a crate at all.
    Outline,
}

/// The graph of a document of bounded size; `None` when it is not plain.
pub(crate) fn read(json: &str, keep: Keep) -> Option<Graph> {
    let mut reader = Reader {
        keep,
        graph: Graph::default(),
        names: Vec::new(),
    };
    let mut json = serde_json::Deserializer::from_str(json);
    json.deserialize_map(Document(&mut reader)).ok()?;
    json.end().ok()?;
    Some(reader.graph)
}

struct Reader<'a> {
    keep: Keep,
    graph: Graph,
    /// The names so far, of properties and types, by the term they are written as.
    names: Vec<(Cow<'a, str>, Arc<str>)>,
}

impl<'a> Reader<'a> {
    fn name(&mut self, term: Cow<'a, str>) -> Option<Arc<str>> {
        let known = self.names.iter().find(|(known, _)| *known == term);
        if let Some((_, name)) = known {
            return Some(name.clone());
        }
        let name = Arc::<str>::from(name(&term)?);
        if self.names.len() < FEW {
            self.names.push((term, name.clone()));
        }
        Some(name)
    }

    /// Adds an entity to the graph. One without more than an id says nothing.
    fn add(
        &mut self,
        id: &str,
        mut types: Vec<Cow<'a, str>>,
        properties: Vec<(Arc<str>, Values<'_>)>,
    ) -> Option<()> {
        if types.is_empty() && properties.iter().all(|(_, values)| values.is_empty()) {
            return Some(());
        }
        // As the parser does, before it looks them up.
        types.sort_unstable();
        let types: Option<Vec<_>> = types.into_iter().map(|kind| self.name(kind)).collect();
        let mut objects = Vec::with_capacity(properties.len());
        let subject = self.graph.node(id).ok()?;
        for (property, values) in properties {
            let keeps_texts = self.keep == Keep::Everything || root::reads(&property);
            for value in values {
                let object = match value {
                    Plain::Null => continue,
                    Plain::Text(_) if !keeps_texts => continue,
                    Plain::Text(text) => Object::Text(text.into_owned()),
                    Plain::Reference(id) if is_plain_id(&id) => {
                        Object::Node(self.graph.node(&id).ok()?)
                    }
                    Plain::Reference(_) => return None,
                };
                objects.push((property.clone(), object));
            }
        }
        let types = types?;
        self.graph.describe(subject, |node| {
            node.types.extend(types);
            node.values.append(&mut objects);
        });
        Some(())
    }
}

/// The outermost object.
struct Document<'r, 'a>(&'r mut Reader<'a>);

impl<'de> Visitor<'de> for Document<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain RO-Crate")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (mut context, mut graph) = (false, false);
        while let Some(Text(key)) = members.next_key()? {
            match &*key {
                "@context" if !context => {
                    let Text(url) = members.next_value()?;
                    context = context::is_ro_crate(&url);
                    if !context {
                        return Err(not_plain());
                    }
                }
                "@graph" if !graph => {
                    members.next_value_seed(Entities(self.0))?;
                    graph = true;
                }
                _ => return Err(not_plain()),
            }
        }
        if context && graph {
            Ok(())
        } else {
            Err(not_plain())
        }
    }
}

/// The list of entities.
struct Entities<'r, 'a>(&'r mut Reader<'a>);

impl<'de> DeserializeSeed<'de> for Entities<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entities<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entities")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entities: A) -> Result<(), A::Error> {
        while entities.next_element_seed(Entity(self.0))?.is_some() {}
        Ok(())
    }
}

/// One entity.
struct Entity<'r, 'a>(&'r mut Reader<'a>);

impl<'de> DeserializeSeed<'de> for Entity<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entity<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entity")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        let (mut id, mut types) = (None, Vec::new());
        let mut properties: Vec<(Arc<str>, Values<'de>)> = Vec::new();
        let mut keys: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Text(key)) = members.next_key()? {
            // Of two members of one name the parser takes the last.
            if keys.len() == FEW || keys.contains(&key) {
                return Err(not_plain());
            }
            match &*key {
                "@id" => id = Some(members.next_value::<Text<'de>>()?.0),
                "@type" => types = members.next_value::<Texts<'de>>()?.0,
                _ => {
                    let property = reader.name(key.clone()).ok_or_else(not_plain)?;
                    properties.push((property, members.next_value()?));
                }
            }
            keys.push(key);
        }
        let id = id.filter(|id| is_plain_id(id)).ok_or_else(not_plain)?;
        reader.add(&id, types, properties).ok_or_else(not_plain)
    }
}

fn not_plain<E: Error>() -> E {
    E::custom("not plain")
}

/// An id that means itself: neither a blank node nor, for the terms of the context, a prefix and a
/// name.
fn is_plain_id(id: &str) -> bool {
    let is_web = id.starts_with("http://") || id.starts_with("https://");
    !id.is_empty() && !id.starts_with('@') && (is_web || !id.contains(':'))
}

/// The name of a term, where that takes no more than a look at the context.
fn name(term: &str) -> Option<&str> {
    let plain = term.starts_with(|c: char| c.is_ascii_alphabetic())
        && term
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then(|| context::preferred(term))
}
