//! The raw form: a TOML file, read section by section.
//!
//! A deserialiser stops at the first key it does not know. Here every key is
//! asked for by name, each wrong value is noted where it stands, and a section
//! that goes out of use reports the keys that nobody asked for, so that one
//! run shows everything there is to mend.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::problem::Problem;
use super::reading::Reading;

/// Where a value stands.
#[derive(Clone)]
pub(super) struct Place<'c> {
    pub(super) reading: Reading<'c>,
    file: &'c str,
    text: &'c str,
    key: String,
    offset: usize,
}

impl<'c> Place<'c> {
    /// Path of the file below the configuration directory.
    pub(super) fn file(&self) -> &'c str {
        self.file
    }

    fn line(&self) -> usize {
        let before = self.text.get(..self.offset).unwrap_or(self.text);
        1 + before.matches('\n').count()
    }

    fn below(&self, key: &str, offset: usize) -> Self {
        let key = match self.key.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        Self {
            key,
            offset,
            ..self.clone()
        }
    }

    fn item(&self, index: usize, offset: usize) -> Self {
        let key = format!("{}[{index}]", self.key);
        Self {
            key,
            offset,
            ..self.clone()
        }
    }

    /// Notes a problem of the value.
    pub(super) fn problem(&self, message: impl Display) {
        self.reading.report.add(self.with(message));
    }

    /// Notes that the plugin file does not fit what stands here.
    pub(super) fn misfit(&self, message: impl Display) {
        self.reading.report.add_misfit(self.with(message));
    }

    /// Notes that the file which is named here is no plugin.
    pub(super) fn broken_plugin(&self, message: impl Display) {
        self.reading.report.add_broken(self.with(message));
    }

    /// A problem of the value that is not noted yet.
    pub(super) fn with(&self, message: impl Display) -> Problem {
        let origins = self.reading.origins;
        if let Some(origin) = origins.and_then(|origins| origins.of(&self.key)) {
            return Problem {
                file: origin.file.to_string(),
                line: Some(origin.line),
                column: Some(origin.column),
                key: origin.key.clone(),
                message: message.to_string(),
            };
        }
        Problem {
            file: self.file.to_owned(),
            line: Some(self.line()),
            column: None,
            key: self.key.clone(),
            message: message.to_string(),
        }
    }

    /// The value, unless there is something wrong with it.
    pub(super) fn check<T, E: Display>(&self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problem(error)).ok()
    }
}

/// A value and where it stands.
pub(super) struct Entry<'c> {
    pub(super) place: Place<'c>,
    value: Spanned<DeValue<'c>>,
}

impl<'c> Entry<'c> {
    pub(super) fn value(&self) -> &DeValue<'c> {
        self.value.get_ref()
    }

    /// The value as a type that serde knows.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Option<T> {
        let kind = kind(self.value.get_ref());
        let parsed = T::deserialize(ValueDeserializer::from(self.value));
        // The deserialiser quotes the value, which may be a secret under the
        // wrong key; what it expected comes last.
        let message = |error: toml::de::Error| match error.message().rsplit_once("expected ") {
            Some((_, expected)) => format!("invalid {kind}: expected {expected}"),
            None => format!("invalid {kind}"),
        };
        self.place.check(parsed.map_err(message))
    }

    /// The value, which may refer to variables that are not set.
    pub(super) fn optional(mut self, optional: bool) -> Self {
        self.place.reading.optional = optional;
        self
    }

    /// A boolean, also in the spellings that deployment charts use.
    pub(super) fn boolean(self) -> Option<bool> {
        if let DeValue::Boolean(value) = self.value() {
            return Some(*value);
        }
        let place = self.place.clone();
        match self.text()?.as_str() {
            "True" | "true" => Some(true),
            "False" | "false" => Some(false),
            _ => {
                place.problem("expected true or false");
                None
            }
        }
    }

    /// The value as a section of its own.
    pub(super) fn section(self) -> Option<Section<'c>> {
        match self.value.into_inner() {
            DeValue::Table(table) => Some(Section::new(self.place, table)),
            other => {
                self.place
                    .problem(format_args!("expected a table, not {}", kind(&other)));
                None
            }
        }
    }

    /// The value's items.
    pub(super) fn items(self) -> Vec<Self> {
        match self.value.into_inner() {
            DeValue::Array(items) => {
                let items = items.into_iter().enumerate();
                let entry = |(index, value): (usize, Spanned<DeValue<'c>>)| Self {
                    place: self.place.item(index, value.span().start),
                    value,
                };
                items.map(entry).collect()
            }
            other => {
                self.place
                    .problem(format_args!("expected an array, not {}", kind(&other)));
                Vec::new()
            }
        }
    }
}

/// A value's type, never the value: it may be a secret at the wrong place.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    value.type_str()
}

/// A table whose keys are asked for one by one.
pub(super) struct Section<'c> {
    pub(super) place: Place<'c>,
    entries: BTreeMap<String, Entry<'c>>,
    known: Vec<&'static str>,
    /// What holds where this one says nothing.
    base: Option<Box<Section<'c>>>,
}

impl<'c> Section<'c> {
    /// The outermost table of a file. Syntax errors are noted, and what could
    /// be read is still checked.
    pub(super) fn of_file(reading: Reading<'c>, file: &'c str, text: &'c str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let key = String::new();
        let place = Place {
            reading,
            file,
            text,
            key,
            offset: 0,
        };
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            Place {
                offset,
                ..place.clone()
            }
            .problem(error.message());
        }
        Self::new(place, table.into_inner())
    }

    fn new(place: Place<'c>, table: DeTable<'c>) -> Self {
        let entry = |(key, value): (Spanned<Cow<'c, str>>, Spanned<DeValue<'c>>)| {
            let place = place.below(key.get_ref(), key.span().start);
            (key.into_inner().into_owned(), Entry { place, value })
        };
        let entries = table.into_iter().map(entry).collect();
        Self {
            place,
            entries,
            known: Vec::new(),
            base: None,
        }
    }

    /// The same over another, which holds where this one says nothing.
    pub(super) fn over(mut self, base: Self) -> Self {
        self.base = Some(Box::new(base));
        self
    }

    /// Whether there is an entry of this key that nobody took.
    pub(super) fn has(&self, key: &str) -> bool {
        let in_base = || self.base.as_ref().is_some_and(|base| base.has(key));
        self.entries.contains_key(key) || in_base()
    }

    /// The entry of a key, if there is one.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry<'c>> {
        let base = self.base.as_mut().and_then(|base| base.take(key));
        self.known.push(key);
        self.entries.remove(key).or(base)
    }

    /// Puts a text in the place of whatever a key says.
    pub(super) fn put(&mut self, key: &'static str, text: String) {
        let place = self.below(key);
        let value = Spanned::new(0..0, DeValue::String(text.into()));
        self.entries.insert(key.to_owned(), Entry { place, value });
    }

    /// The entries of all keys, whatever they are called.
    pub(super) fn take_all(&mut self) -> BTreeMap<String, Entry<'c>> {
        let base = self.base.take().map(|mut base| base.take_all());
        let mut entries = base.unwrap_or_default();
        entries.extend(std::mem::take(&mut self.entries));
        entries
    }

    /// Notes a key as missing when it is.
    pub(super) fn require(&self, key: &'static str) {
        if !self.has(key) {
            self.missing(key);
        }
    }

    /// Notes that a key is missing.
    pub(super) fn missing(&self, key: &'static str) {
        let place = self.base.as_ref().map_or(&self.place, |base| &base.place);
        place.below(key, place.offset).problem("missing");
    }

    /// Where the value of a key stands, or would.
    pub(super) fn below(&self, key: &'static str) -> Place<'c> {
        if let Some(entry) = self.entries.get(key) {
            return entry.place.clone();
        }
        match &self.base {
            Some(base) => base.below(key),
            None => self.place.below(key, self.place.offset),
        }
    }

    /// Any value that serde can read.
    pub(super) fn get<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        self.take(key)?.parse()
    }

    /// The section of a key, if there is one.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'c>> {
        let base = self.base.as_mut().and_then(|base| base.section(key));
        self.known.push(key);
        let own = self.entries.remove(key).and_then(Entry::section);
        match (own, base) {
            (Some(own), Some(base)) => Some(own.over(base)),
            (own, base) => own.or(base),
        }
    }

    /// The sections of a key that repeats.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'c>> {
        let items = self.take(key).map(Entry::items).unwrap_or_default();
        items.into_iter().filter_map(Entry::section).collect()
    }

    /// A count of something; none is no limit that anybody could want.
    pub(super) fn count<T: TryFrom<u64>>(&mut self, key: &'static str) -> Option<T> {
        let entry = self.take(key)?;
        let place = entry.place.clone();
        match entry.parse::<u64>()? {
            0 => {
                place.problem("must be at least 1");
                None
            }
            count => place.check(T::try_from(count).map_err(|_| "too large")),
        }
    }

    /// Sets a count, unless the key is left out.
    pub(super) fn set<T: TryFrom<u64>>(&mut self, key: &'static str, into: &mut T) {
        if let Some(count) = self.count(key) {
            *into = count;
        }
    }

    /// Sets a count that may also be without limit, unless left out.
    pub(super) fn set_some<T: TryFrom<u64>>(&mut self, key: &'static str, into: &mut Option<T>) {
        if let Some(count) = self.count(key) {
            *into = Some(count);
        }
    }

    /// A text, or the variable it refers to.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.take(key)?.text()
    }

    /// A text of some form. An empty one counts as left out.
    pub(super) fn form<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        let entry = self.take(key)?;
        let place = entry.place.clone();
        let text = entry.text().filter(|text| !text.is_empty())?;
        place.check(text.parse())
    }

    /// One of a few words.
    pub(super) fn choice<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let entry = self.take(key)?;
        let place = entry.place.clone();
        let text = entry.text()?;
        let chosen = read(&text);
        place.check(chosen.ok_or_else(|| format!("`{text}` is none of the values of this key")))
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        for entry in self.entries.values() {
            let known = self.known.join("`, `");
            entry
                .place
                .problem(format_args!("unknown key; known here: `{known}`"));
        }
    }
}
