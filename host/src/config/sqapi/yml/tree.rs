//! A YAML file as sqAPI reads it, with the place of every value.

use saphyr::{MarkedYaml, YamlData, YamlLoader};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, SpannedEventReceiver as _};

use super::{expand, scalar};
use crate::config::reading::Environment;

/// Levels below one another. A configuration has five.
const DEPTH_MAX: usize = 64;
/// Nodes that references to anchors may stand for.
const ALIASED_NODES_MAX: usize = 10_000;

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A value and where it stands; one that begins on a line of its own stands
/// where its key does.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
}

#[derive(Clone)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text {
        text: String,
        /// The variable that is all of it.
        variable: Option<String>,
    },
    List(Vec<Node>),
    Map(Map),
}

/// Keys in the order of the file, each once: the last one counts.
pub(super) type Map = Vec<(Key, Node)>;

#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) at: At,
}

/// What is wrong with a file as such.
pub(super) struct Broken {
    pub(super) at: At,
    pub(super) why: String,
}

impl Value {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::Text { .. } => "text",
            Self::List(_) => "list",
            Self::Map(_) => "mapping",
        }
    }
}

/// The file's topics. An empty file is an empty configuration.
pub(super) fn parse(text: &str, environment: Environment<'_>) -> Result<Map, Broken> {
    let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
    // What a text stands for is decided here, by the rules of sqAPI's library.
    loader.early_parse(false);
    loader.allow_duplicate_keys(true);
    loader.alias_limit(ALIASED_NODES_MAX);
    let mut depth = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(Broken::from)?;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let why = format!("more than {DEPTH_MAX} levels");
            return Err(Broken::new(span.start, why));
        }
        loader.on_event(event, span);
    }
    if let Some(error) = loader.error() {
        return Err(error.clone().into());
    }
    let mut documents = loader.into_documents();
    if let Some(second) = documents.get(1) {
        let why = "a second document; there can be one";
        return Err(Broken::new(second.span.start, why.to_owned()));
    }
    let Some(document) = documents.pop() else {
        return Ok(Map::new());
    };
    let node = read(document, environment)?;
    match node.value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        other => {
            let why = format!("expected a mapping of topics, not {}", other.kind());
            Err(Broken { at: node.at, why })
        }
    }
}

fn read(node: MarkedYaml<'_>, environment: Environment<'_>) -> Result<Node, Broken> {
    let at = At::from(node.span.start);
    let value = match node.data {
        YamlData::Representation(text, style, tag) => {
            let is_text = match tag {
                None => style != ScalarStyle::Plain,
                Some(tag) if tag.is_yaml_core_schema() => tag.suffix == "str",
                Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => true,
                Some(tag) => return Err(Broken::tag(node.span.start, &tag)),
            };
            of_scalar(&text, is_text, environment)
        }
        YamlData::Sequence(items) => {
            let items = items.into_iter().map(|item| read(item, environment));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        YamlData::Mapping(entries) => {
            let mut map = Map::new();
            let mut merged = Vec::new();
            for (key, value) in entries {
                let (key, value) = (read(key, environment)?, read(value, environment)?);
                match key.value {
                    Value::Text { text, .. } if text == "<<" => merged.push(value),
                    key_value => put(&mut map, key_of(key.at, &key_value)?, value),
                }
            }
            merged.into_iter().for_each(|other| merge(&mut map, other));
            Value::Map(map)
        }
        YamlData::Tagged(tag, _) => return Err(Broken::tag(node.span.start, &tag)),
        // An empty document, and a reference to an anchor within itself.
        _ => Value::Null,
    };
    Ok(Node { at, value })
}

fn of_scalar(text: &str, is_text: bool, environment: Environment<'_>) -> Value {
    if is_text {
        return Value::Text {
            text: text.to_owned(),
            variable: None,
        };
    }
    match expand::expand(text, environment) {
        Some(expanded) => Value::Text {
            text: expanded.text,
            variable: expanded.variable,
        },
        None => scalar::resolve(text),
    }
}

fn key_of(at: At, value: &Value) -> Result<Key, Broken> {
    let name = match value {
        Value::Text { text, .. } => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Null => "null".to_owned(),
        other => {
            let why = format!("a {} cannot be a key", other.kind());
            return Err(Broken { at, why });
        }
    };
    Ok(Key { name, at })
}

/// Puts an entry in the place of one with the same key.
pub(super) fn put(map: &mut Map, key: Key, mut node: Node) {
    if matches!(node.value, Value::Null | Value::List(_) | Value::Map(_)) {
        node.at = key.at;
    }
    match map.iter_mut().find(|(other, _)| other.name == key.name) {
        Some(entry) => *entry = (key, node),
        None => map.push((key, node)),
    }
}

/// YAML's merge key: what is not there already.
fn merge(map: &mut Map, other: Node) {
    match other.value {
        Value::Map(entries) => {
            for (key, node) in entries {
                if !map.iter().any(|(known, _)| known.name == key.name) {
                    map.push((key, node));
                }
            }
        }
        Value::List(items) => items.into_iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}

impl Broken {
    fn new(marker: Marker, why: String) -> Self {
        let at = marker.into();
        Self { at, why }
    }

    fn tag(marker: Marker, tag: &saphyr::Tag) -> Self {
        Self::new(marker, format!("unknown tag `{tag}`"))
    }
}

impl From<ScanError> for Broken {
    fn from(error: ScanError) -> Self {
        Self::new(*error.marker(), error.info().to_owned())
    }
}

impl From<Marker> for At {
    fn from(marker: Marker) -> Self {
        Self {
            line: marker.line(),
            column: marker.col() + 1,
        }
    }
}
