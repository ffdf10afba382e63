//! What a reader sees of an entity.

use std::{fmt, sync::LazyLock};

use crate::graph::{Graph, Node, Object};

static NOTHING: LazyLock<Node> = LazyLock::new(Node::default);

/// Something that the crate describes.
#[derive(Clone, Copy)]
pub struct Entity<'a> {
    graph: &'a Graph,
    node: &'a Node,
}

/// A value of a property.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A text. Numbers and truth values are texts here, and a language does not matter.
    Text(&'a str),
    /// Another entity of the crate.
    Entity(Entity<'a>),
    /// An id that the crate does not describe.
    Reference(&'a str),
}

impl<'a> Entity<'a> {
    pub(crate) fn new(graph: &'a Graph, position: usize) -> Self {
        let node = graph.nodes.get(position).unwrap_or_else(|| &NOTHING);
        Self { graph, node }
    }

    /// As the document writes it; `_:` and any text for an entity that it gives no id.
    pub fn id(&self) -> &'a str {
        &self.node.id
    }

    /// The names of its types, such as `Person` or `File`; those that neither schema.org nor RO-Crate
    /// names are whole IRIs.
    pub fn types(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.node.types.iter().map(|kind| &**kind)
    }

    /// Whether it is of this type, among others.
    pub fn has_type(&self, name: &str) -> bool {
        self.node.types.iter().any(|kind| **kind == *name)
    }

    /// The first text of a property, which is named like a type is.
    pub fn text(&self, property: &str) -> Option<&'a str> {
        self.objects(property).find_map(|object| match object {
            Object::Text(text) => Some(text.as_str()),
            Object::Node(_) => None,
        })
    }

    /// The texts of a property, in document order.
    pub fn texts<'n>(&self, property: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.objects(property).filter_map(|object| match object {
            Object::Text(text) => Some(text.as_str()),
            Object::Node(_) => None,
        })
    }

    /// The values of a property, in document order.
    pub fn values<'n>(&self, property: &'n str) -> impl Iterator<Item = Value<'a>> + use<'a, 'n> {
        let graph = self.graph;
        self.objects(property).map(move |object| match object {
            Object::Text(text) => Value::Text(text),
            Object::Node(position) => {
                let entity = Self::new(graph, *position);
                if entity.node.described {
                    Value::Entity(entity)
                } else {
                    Value::Reference(entity.id())
                }
            }
        })
    }

    fn objects<'n>(&self, property: &'n str) -> impl Iterator<Item = &'a Object> + use<'a, 'n> {
        self.node
            .values
            .iter()
            .filter(move |(name, _)| **name == *property)
            .map(|(_, object)| object)
    }
}

/// The id only: entities may refer to each other in circles.
impl fmt::Debug for Entity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entity").field(&self.node.id).finish()
    }
}

/// Two are the same when they are the same entity of the same crate.
impl PartialEq for Entity<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.node, other.node)
    }
}
