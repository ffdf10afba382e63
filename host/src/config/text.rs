//! Texts that stand in the file or in the environment:
//! `"http://localhost"` or `{ env = ["A", "B"], default = "http://localhost" }`.

use toml::de::DeValue;

use super::source::{Entry, Place, Section, kind};

impl Entry<'_> {
    /// The value as text, or the text it refers to.
    pub(super) fn text(self) -> Option<String> {
        match self.value() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Table(_) => reference(self.section()?),
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
        match self.value() {
            DeValue::Table(table) => {
                let keys = || table.keys().map(|key| key.get_ref().as_ref());
                keys().any(|key| key == "env") && keys().all(|key| matches!(key, "env" | "default"))
            }
            _ => false,
        }
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
fn reference(mut section: Section<'_>) -> Option<String> {
    let names = variables(&mut section);
    let default = section.get::<String>("default");
    let names = names?;
    let reading = section.place.reading;
    let found = names
        .iter()
        .find_map(|name| reading.variable(name))
        .or(default);
    if found.is_none() {
        unset(&section.place, &names);
    }
    found
}

/// The names under `env`, one or several.
pub(super) fn variables(section: &mut Section<'_>) -> Option<Vec<String>> {
    let Some(entry) = section.take("env") else {
        section.missing("env");
        return None;
    };
    match entry.value() {
        DeValue::Array(_) => entry.items().into_iter().map(Entry::parse).collect(),
        _ => Some(vec![entry.parse()?]),
    }
}

/// Notes that none of the variables says anything.
pub(super) fn unset(place: &Place<'_>, names: &[String]) {
    let names = names.join("`, `");
    place.problem(format_args!(
        "`{names}` not set, or empty, in the environment"
    ));
}
