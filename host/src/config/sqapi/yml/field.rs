//! One value of a file of sqAPI's, and one mapping, asked for key by key.

use std::fmt::Display;
use std::time::Duration;

use super::tree::{Map, Node, Value};
use crate::config::origin::Origin;
use crate::config::problem::Problem;
use crate::config::reading::Reading;

/// The longest time a setting gives, in seconds: a day.
const SECONDS_MAX: f64 = 86_400.0;

/// A value and where it stands.
pub(super) struct Field<'c> {
    pub(super) reading: Reading<'c>,
    pub(super) origin: Origin,
    pub(super) value: Value,
}

/// A text and where it stands.
#[derive(Clone)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// The variable that is all of it.
    pub(super) variable: Option<String>,
    pub(super) origin: Origin,
}

impl Scalar {
    pub(super) fn new(text: &str, origin: &Origin) -> Self {
        Self {
            text: text.to_owned(),
            variable: None,
            origin: origin.clone(),
        }
    }

    pub(super) fn problem(&self, reading: Reading<'_>, message: impl Display) {
        reading.report.add(problem(&self.origin, message));
    }

    pub(super) fn warn(&self, reading: Reading<'_>, message: impl Display) {
        reading.report.warn(problem(&self.origin, message));
    }
}

impl<'c> Field<'c> {
    pub(super) fn problem(&self, message: impl Display) {
        self.reading.report.add(problem(&self.origin, message));
    }

    pub(super) fn warn(&self, message: impl Display) {
        self.reading.report.warn(problem(&self.origin, message));
    }

    /// Never quotes what is there: it may be a secret at the wrong place.
    fn expected(&self, what: &str) {
        let found = self.value.kind();
        self.problem(format_args!("expected {what}, not {found}"));
    }

    /// A text, or a number or boolean as it would be written.
    pub(super) fn text(self) -> Option<Scalar> {
        let (text, variable) = match &self.value {
            Value::Text { text, variable } => (text.clone(), variable.clone()),
            Value::Integer(number) => (number.to_string(), None),
            Value::Float(number) => (number.to_string(), None),
            Value::Boolean(boolean) => (boolean.to_string(), None),
            _ => {
                self.expected("a text");
                return None;
            }
        };
        let origin = self.origin;
        Some(Scalar {
            text,
            variable,
            origin,
        })
    }

    /// A port, also as a text.
    pub(super) fn port(self) -> Option<u16> {
        let port = match &self.value {
            Value::Integer(number) => u16::try_from(*number).ok(),
            Value::Text { text, .. } => text.trim().parse().ok(),
            _ => None,
        };
        let port = port.filter(|port| *port != 0);
        if port.is_none() {
            self.problem("expected a port, 1 to 65535");
        }
        port
    }

    /// A time in seconds, also as a text.
    pub(super) fn seconds(self) -> Option<Duration> {
        let seconds = match &self.value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a day is far below 2^52 seconds"
            )]
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::Text { text, .. } => text.trim().parse().ok(),
            _ => None,
        };
        let seconds = seconds.filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds));
        if seconds.is_none() {
            self.problem(format_args!("expected seconds, 0 to {SECONDS_MAX}"));
        }
        seconds.map(Duration::from_secs_f64)
    }

    /// A boolean, also as a text: `'false'` is not true.
    pub(super) fn boolean(self) -> Option<bool> {
        let boolean = match &self.value {
            Value::Boolean(boolean) => Some(*boolean),
            Value::Text { text, .. } => match super::scalar::resolve(text.trim()) {
                Value::Boolean(boolean) => Some(boolean),
                _ => None,
            },
            _ => None,
        };
        if boolean.is_none() {
            self.problem("expected true or false");
        }
        boolean
    }

    /// The items of a list; nothing is an empty one.
    pub(super) fn items(self) -> Vec<Self> {
        match self.value {
            Value::Null => Vec::new(),
            Value::List(items) => {
                let (reading, origin) = (self.reading, self.origin);
                let item = |(index, node): (usize, Node)| Self {
                    reading,
                    origin: Origin {
                        line: node.at.line,
                        column: node.at.column,
                        key: format!("{}[{index}]", origin.key),
                        file: origin.file.clone(),
                    },
                    value: node.value,
                };
                items.into_iter().enumerate().map(item).collect()
            }
            _ => {
                self.expected("a list");
                Vec::new()
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(self) -> Vec<Scalar> {
        self.items().into_iter().filter_map(Self::text).collect()
    }

    /// The mapping; nothing is an empty one.
    pub(super) fn mapping(self) -> Option<Mapping<'c>> {
        let map = match self.value {
            Value::Null => Map::new(),
            Value::Map(map) => map,
            _ => {
                self.expected("a mapping");
                return None;
            }
        };
        Some(Mapping::new(self.reading, self.origin, map))
    }

    /// The value in TOML, which knows no null: it is left out.
    pub(super) fn toml(self) -> Option<toml::Value> {
        to_toml(self.value)
    }
}

fn to_toml(value: Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(boolean) => boolean.into(),
        Value::Integer(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Text { text, .. } => text.into(),
        Value::List(items) => {
            let items = items.into_iter().filter_map(|node| to_toml(node.value));
            toml::Value::Array(items.collect())
        }
        Value::Map(map) => {
            let entry =
                |(key, node): (super::tree::Key, Node)| Some((key.name, to_toml(node.value)?));
            toml::Value::Table(map.into_iter().filter_map(entry).collect())
        }
    })
}

fn problem(origin: &Origin, message: impl Display) -> Problem {
    Problem {
        file: origin.file.to_string(),
        line: Some(origin.line),
        column: Some(origin.column),
        key: origin.key.clone(),
        message: message.to_string(),
    }
}

/// A mapping whose keys are asked for one by one. Keys that nobody asked for
/// are worth a warning: sqAPI takes any.
pub(super) struct Mapping<'c> {
    pub(super) reading: Reading<'c>,
    pub(super) origin: Origin,
    fields: Vec<(String, Field<'c>)>,
    known: Vec<&'static str>,
}

impl<'c> Mapping<'c> {
    pub(super) fn new(reading: Reading<'c>, origin: Origin, map: Map) -> Self {
        let mut mapping = Self::empty(reading, origin);
        mapping.update(map, None);
        mapping
    }

    pub(super) fn empty(reading: Reading<'c>, origin: Origin) -> Self {
        Self {
            reading,
            origin,
            fields: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Puts entries in the place of those with the same keys; of another file,
    /// under another name, if there is one. sqAPI contract, section 4.1.
    pub(super) fn update(&mut self, map: Map, of: Option<&Origin>) {
        let above = of.unwrap_or(&self.origin).clone();
        for (key, node) in map {
            let origin = Origin {
                file: above.file.clone(),
                line: node.at.line,
                column: node.at.column,
                key: match above.key.as_str() {
                    "" => key.name.clone(),
                    path => format!("{path}.{}", key.name),
                },
            };
            let field = Field {
                reading: self.reading,
                origin,
                value: node.value,
            };
            self.fields.retain(|(known, _)| *known != key.name);
            self.fields.push((key.name, field));
        }
    }

    /// The field of a key, if it says something.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Field<'c>> {
        let field = self.take_even_null(key)?;
        (!matches!(field.value, Value::Null)).then_some(field)
    }

    /// The field of a key that is there.
    pub(super) fn take_even_null(&mut self, key: &'static str) -> Option<Field<'c>> {
        self.known.push(key);
        let at = self.fields.iter().position(|(known, _)| known == key)?;
        Some(self.fields.remove(at).1)
    }

    /// All fields, whatever they are called.
    pub(super) fn take_all(&mut self) -> Vec<(String, Field<'c>)> {
        std::mem::take(&mut self.fields)
    }

    /// Keys that mean nothing here, and are no mistake.
    pub(super) fn ignore(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.take_even_null(key);
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == key)
    }

    pub(super) fn problem(&self, message: impl Display) {
        self.reading.report.add(problem(&self.origin, message));
    }
}

impl Drop for Mapping<'_> {
    fn drop(&mut self) {
        for (_, field) in &self.fields {
            let known = self.known.join("`, `");
            field.warn(format_args!(
                "unknown key, which means nothing; known here: `{known}`"
            ));
        }
    }
}
