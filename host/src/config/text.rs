//! Texts that stand in the file or in the environment:
//! `"http://localhost"` or `{ env = ["A", "B"], default = "http://localhost" }`,
//! and `{ env = "A", format = "http://{}:80" }` where a variable is part of one.

use toml::de::DeValue;

use super::source::{Entry, Place, Section, kind};

/// Where the text of a variable goes in a `format`.
const BLANK: &str = "{}";

/// What a variable means that is set and empty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    /// The same as one that is not set.
    LeftOut,
    /// An empty text, which outranks the default.
    Text,
}

impl Entry<'_> {
    /// The value as text, or the text it refers to. Deployment charts pass
    /// empty variables for what was left out.
    pub(super) fn text(self) -> Option<String> {
        self.resolve(Empty::LeftOut)
    }

    /// The same, for texts that a deployment chart empties on purpose.
    pub(super) fn text_or_empty(self) -> Option<String> {
        self.resolve(Empty::Text)
    }

    fn resolve(self, empty: Empty) -> Option<String> {
        match self.value() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Table(_) => reference(self.section()?, empty),
            other => {
                let found = kind(other);
                self.place.problem(format_args!(
                    "expected a string or {{ env = \"NAME\" }}, not {found}"
                ));
                None
            }
        }
    }

    /// Whether the value stands in the environment.
    pub(super) fn is_reference(&self) -> bool {
        // What was translated refers to nothing; it only may look like it.
        if self.place.reading.origins.is_some() {
            return false;
        }
        match self.value() {
            DeValue::Table(table) => {
                let keys = || table.keys().map(|key| key.get_ref().as_ref());
                let known = |key| matches!(key, "env" | "format" | "default");
                keys().any(|key| key == "env") && keys().all(known)
            }
            _ => false,
        }
    }

    /// Whether the value is a condition on the environment: `{ set = "NAME" }`.
    pub(super) fn is_condition(&self) -> bool {
        let DeValue::Table(table) = self.value() else {
            return false;
        };
        table.keys().any(|key| key.get_ref() == "set")
    }

    /// Whether any of the variables says something.
    pub(super) fn condition(self) -> Option<bool> {
        let mut section = self.section()?;
        let names = names(&mut section, "set")?;
        let reading = section.place.reading;
        Some(names.iter().any(|name| reading.variable(name).is_some()))
    }

    /// The value in JSON, with every reference replaced.
    pub(super) fn json(self) -> Option<serde_json::Value> {
        if self.is_reference() {
            return self.text().map(serde_json::Value::String);
        }
        match self.value() {
            DeValue::Table(_) => {
                let mut section = self.section()?;
                let entries = section.take_all().into_iter();
                let json = entries.map(|(key, entry)| Some((key, entry.json()?)));
                json.collect::<Option<_>>().map(serde_json::Value::Object)
            }
            DeValue::Array(_) => {
                let json = self.items().into_iter().map(Entry::json);
                json.collect::<Option<_>>().map(serde_json::Value::Array)
            }
            DeValue::Datetime(datetime) => Some(datetime.to_string().into()),
            _ => self.parse(),
        }
    }
}

/// The first variable that says something, or the default.
fn reference(mut section: Section<'_>, empty: Empty) -> Option<String> {
    let names = variables(&mut section);
    let format = section.take("format").and_then(format);
    let default = section.get::<String>("default");
    let names = names?;
    let reading = section.place.reading;
    let variable = |name: &String| match empty {
        Empty::LeftOut => reading.variable(name),
        Empty::Text => reading.set_variable(name),
    };
    let fill = |value: String| match &format {
        Some(format) => format.replacen(BLANK, &value, 1),
        None => value,
    };
    let found = names.iter().find_map(variable).map(fill).or(default);
    if found.is_none() {
        unset(&section.place, &names);
    }
    found
}

/// The text around a variable's.
fn format(entry: Entry<'_>) -> Option<String> {
    let place = entry.place.clone();
    let format: String = entry.parse()?;
    if format.matches(BLANK).count() != 1 {
        place.problem("expected one `{}`, where the variable's text goes");
        return None;
    }
    Some(format)
}

/// The names under `env`, one or several.
pub(super) fn variables(section: &mut Section<'_>) -> Option<Vec<String>> {
    names(section, "env")
}

fn names(section: &mut Section<'_>, key: &'static str) -> Option<Vec<String>> {
    let Some(entry) = section.take(key) else {
        section.missing(key);
        return None;
    };
    match entry.value() {
        DeValue::Array(_) => entry.items().into_iter().map(Entry::parse).collect(),
        _ => Some(vec![entry.parse()?]),
    }
}

/// Notes that none of the variables says anything, unless nobody needs it.
pub(super) fn unset(place: &Place<'_>, names: &[String]) {
    if place.reading.optional {
        return;
    }
    let names = names.join("`, `");
    place.problem(format_args!(
        "`{names}` not set, or empty, in the environment"
    ));
}
