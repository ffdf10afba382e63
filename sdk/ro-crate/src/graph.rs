//! The entities and what they say, gathered from the triples of the JSON-LD parser.

use std::{collections::HashMap, mem, sync::Arc};

use foldhash::fast::RandomState;
use oxjsonld::JsonLdParser;
use oxrdf::{NamedOrBlankNode, Term, vocab::rdf};

use crate::{Error, context};

/// Entities at most, those that are only referred to included: far more than anyone describes, and a
/// bound on memory beside that of the text itself.
pub(crate) const ENTITIES_MAX: usize = 100_000;

#[derive(Debug, Clone)]
pub(crate) enum Object {
    Text(String),
    Node(usize),
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    /// As the document writes it where it first does.
    pub(crate) id: Arc<str>,
    /// Whether the document says anything of it.
    pub(crate) described: bool,
    pub(crate) types: Vec<Arc<str>>,
    /// Properties by name, in document order. A crate has many values and few names.
    pub(crate) values: Vec<(Arc<str>, Object)>,
}

#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// In document order.
    pub(crate) nodes: Vec<Node>,
    /// By what ids are compared by.
    index: HashMap<Arc<str>, usize, RandomState>,
}

/// What an id is compared by.
fn key(id: &str) -> &str {
    let mut key = id;
    while let Some(rest) = key.strip_prefix("./") {
        key = rest;
    }
    if key == "." { "" } else { key }
}

impl Graph {
    /// Reads a document that was prepared. Without a base, the lenient parser leaves relative ids as
    /// they are written, spaces and all.
    pub(crate) fn read(document: &str) -> Result<Self, Error> {
        let mut graph = Self::default();
        let quads = JsonLdParser::new()
            .lenient()
            .for_slice(document)
            .with_load_document_callback(|url, _| context::load(url));
        for quad in quads {
            let quad = quad.map_err(|error| Error::JsonLd(error.to_string()))?;
            let subject = match quad.subject {
                NamedOrBlankNode::NamedNode(id) => graph.node(id.as_str())?,
                NamedOrBlankNode::BlankNode(id) => graph.node(&id.to_string())?,
            };
            let object = match quad.object {
                Term::Literal(literal) => Object::Text(literal.destruct().0),
                Term::NamedNode(kind) if quad.predicate == rdf::TYPE => {
                    graph.describe(subject, |node| {
                        node.types.push(context::name(kind.as_str()).into());
                    });
                    continue;
                }
                Term::NamedNode(id) => Object::Node(graph.node(id.as_str())?),
                Term::BlankNode(id) => Object::Node(graph.node(&id.to_string())?),
            };
            let property = context::name(quad.predicate.as_str()).into();
            graph.describe(subject, |node| node.values.push((property, object)));
        }
        graph.inline_lists();
        Ok(graph)
    }

    /// The entity of this id, if the document describes it.
    pub(crate) fn described(&self, id: &str) -> Option<usize> {
        let position = *self.index.get(key(id))?;
        self.nodes.get(position)?.described.then_some(position)
    }

    /// The position of an entity, which may be new.
    pub(crate) fn node(&mut self, id: &str) -> Result<usize, Error> {
        let key = key(id);
        if let Some(position) = self.index.get(key) {
            return Ok(*position);
        }
        let position = self.nodes.len();
        if position >= ENTITIES_MAX {
            return Err(Error::TooManyEntities);
        }
        let id = Arc::<str>::from(id);
        let key = if key.len() == id.len() {
            id.clone()
        } else {
            key.into()
        };
        self.index.insert(key, position);
        self.nodes.push(Node {
            id,
            ..Node::default()
        });
        Ok(position)
    }

    /// Adds to what the document says of an entity.
    pub(crate) fn describe(&mut self, position: usize, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(position) {
            node.described = true;
            change(node);
        }
    }

    /// Puts the items of RDF lists where the lists stand, so that `@list` reads like any other list.
    fn inline_lists(&mut self) {
        let mut cells: HashMap<usize, Cell> = HashMap::new();
        for (position, node) in self.nodes.iter_mut().enumerate() {
            let is_cell = |(property, _): &(Arc<str>, Object)| **property == *rdf::REST.as_str();
            if !node.values.iter().any(is_cell) {
                continue;
            }
            let mut cell = Cell::default();
            for (property, object) in mem::take(&mut node.values) {
                match object {
                    Object::Node(rest) if *property == *rdf::REST.as_str() => {
                        cell.rest = Some(rest)
                    }
                    item => cell.items.push(item),
                }
            }
            cells.insert(position, cell);
        }
        let nil = self.index.get(rdf::NIL.as_str()).copied();
        if cells.is_empty() && nil.is_none() {
            return;
        }
        for node in &mut self.nodes {
            for (property, object) in mem::take(&mut node.values) {
                for item in items(object, &mut cells, nil) {
                    node.values.push((property.clone(), item));
                }
            }
        }
    }
}

/// A link of an RDF list.
#[derive(Default)]
struct Cell {
    items: Vec<Object>,
    rest: Option<usize>,
}

/// The items of the list that begins at an object, or the object itself. A cell is used once, so that
/// not even a circle of cells takes long.
fn items(object: Object, cells: &mut HashMap<usize, Cell>, nil: Option<usize>) -> Vec<Object> {
    let (mut open, mut items) = (vec![object], Vec::new());
    while let Some(object) = open.pop() {
        match object {
            Object::Node(node) if Some(node) == nil => {}
            Object::Node(node) => match cells.remove(&node) {
                Some(cell) => {
                    open.extend(cell.rest.map(Object::Node));
                    open.extend(cell.items.into_iter().rev());
                }
                None => items.push(Object::Node(node)),
            },
            text @ Object::Text(_) => items.push(text),
        }
    }
    items
}
