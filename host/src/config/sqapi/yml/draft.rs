//! A file of the native form in the making: its text, where each of its values
//! comes from, and the secrets that it only refers to.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use super::field::{Field, Mapping, Scalar};
use crate::config::origin::{Origin, Origins};

/// A table in the making.
#[derive(Clone, Default)]
pub(super) struct Draft {
    table: toml::Table,
    origins: Origins,
}

/// Secrets by the names of the variables under which the texts refer to them.
#[derive(Debug, Default)]
pub(in crate::config) struct Secrets(BTreeMap<String, SecretString>);

impl Secrets {
    pub(in crate::config) fn get(&self, variable: &str) -> Option<&SecretString> {
        self.0.get(variable)
    }

    /// The variables.
    pub(in crate::config) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A reference to a secret. One that is a variable keeps its name; one that
    /// was written down gets one.
    pub(super) fn refer(&mut self, name: &str, secret: &Scalar) -> String {
        let name = secret.variable.clone().unwrap_or_else(|| variable(name));
        let value = SecretString::from(secret.text.clone());
        let reference = format!("env:{name}");
        self.0.insert(name, value);
        reference
    }
}

/// The name of a variable for something: `SQAPI_MAIN_DATABASE`.
fn variable(name: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c.to_ascii_uppercase(),
        _ => '_',
    };
    format!("SQAPI_{}", name.chars().map(letter).collect::<String>())
}

impl Draft {
    /// A table that comes from somewhere as a whole.
    pub(super) fn of(origin: &Origin) -> Self {
        let mut draft = Self::default();
        draft.origins.insert(String::new(), origin.clone());
        draft
    }

    /// Sets the value of a key, in tables as its dots say.
    pub(super) fn set(&mut self, key: &str, value: impl Into<toml::Value>) {
        if let Some((table, last)) = walk(&mut self.table, key) {
            table.insert(last.to_owned(), value.into());
        }
    }

    /// The same, with where it comes from.
    pub(super) fn set_from(&mut self, key: &str, value: impl Into<toml::Value>, origin: &Origin) {
        self.set(key, value);
        self.origins.insert(key.to_owned(), origin.clone());
    }

    /// Sets the value of a key that may hold dots.
    pub(super) fn entry(&mut self, key: &str, field: Field<'_>) {
        self.origins.insert(key.to_owned(), field.origin.clone());
        if let Some(value) = field.toml() {
            self.table.insert(key.to_owned(), value);
        }
    }

    /// Sets a text, if there is one.
    pub(super) fn set_text(&mut self, key: &str, text: Option<Scalar>) {
        if let Some(text) = text {
            self.set_from(key, text.text, &text.origin);
        }
    }

    /// Sets a value as it is.
    pub(super) fn set_field(&mut self, key: &str, field: Field<'_>) {
        let origin = field.origin.clone();
        if let Some(value) = field.toml() {
            self.set_from(key, value, &origin);
        }
    }

    /// Sets a port, if `port` of a mapping says one.
    pub(super) fn set_port(&mut self, key: &str, mapping: &mut Mapping<'_>) {
        let Some(field) = mapping.take("port") else {
            return;
        };
        let origin = field.origin.clone();
        if let Some(port) = field.port() {
            self.set_from(key, i64::from(port), &origin);
        }
    }

    /// Sets a time that a field gives in seconds; one of zero leaves the
    /// default, as there is no waiting for nothing.
    pub(super) fn set_milliseconds(&mut self, key: &str, field: Field<'_>) {
        let origin = field.origin.clone();
        let time = field.seconds().filter(|time| !time.is_zero());
        if let Some(time) = time {
            self.set_from(key, milliseconds(time), &origin);
        }
    }

    /// Whether both say the same, wherever it comes from.
    pub(super) fn says_what(&self, other: &Self) -> bool {
        self.table == other.table
    }

    /// Puts a table below a key.
    pub(super) fn put(&mut self, key: &str, below: Self) {
        self.set(key, below.table);
        self.origins.extend_below(key, below.origins);
    }

    /// Adds a table to those that repeat below a key.
    pub(super) fn push(&mut self, key: &str, item: Self) {
        let Some((table, last)) = walk(&mut self.table, key) else {
            return;
        };
        let none = || toml::Value::Array(Vec::new());
        let items = table.entry(last).or_insert_with(none);
        if let toml::Value::Array(items) = items {
            let index = items.len();
            items.push(item.table.into());
            self.origins
                .extend_below(&format!("{key}[{index}]"), item.origins);
        }
    }

    /// The file's text, and where its values come from.
    pub(super) fn finish(self) -> (String, Origins) {
        // Strings, numbers and tables always have a form in TOML.
        let text = toml::to_string(&self.table).unwrap_or_default();
        (text, self.origins)
    }
}

/// The table in which the last part of a key stands, and that part.
fn walk<'t, 'k>(
    table: &'t mut toml::Table,
    key: &'k str,
) -> Option<(&'t mut toml::Table, &'k str)> {
    let Some((first, below)) = key.split_once('.') else {
        return Some((table, key));
    };
    let empty = || toml::Value::Table(toml::Table::new());
    match table.entry(first).or_insert_with(empty) {
        toml::Value::Table(inner) => walk(inner, below),
        _ => None,
    }
}

/// At least one: nothing has a limit of none.
pub(super) fn milliseconds(time: Duration) -> i64 {
    // A setting gives a day at most.
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(1)
}
