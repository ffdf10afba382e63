//! The arguments of an operation, from JSON. Every mistake names its field.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::PathBuf;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::dispatch::{Aborted, Upload};

/// Bytes read from a file at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Arguments that an operation cannot be called with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// Not an object.
    #[error("the arguments are {0}; an operation takes one JSON object")]
    NoObject(&'static str),
    /// A field that the operation needs.
    #[error("`{0}`: missing")]
    Missing(&'static str),
    /// A field of another type.
    #[error("`{field}`: expected {expected}, found {found}")]
    Type {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A field whose text is of no form that HTTP knows.
    #[error("`{0}`: not of a form that HTTP knows")]
    Form(&'static str),
    /// A field that the operation does not know.
    #[error("`{field}`: no such field; known here: {known}")]
    Unknown {
        /// The field.
        field: String,
        /// What there is.
        known: String,
    },
    /// A file that cannot be read.
    #[error("`{field}`: {}: {reason}", path.display())]
    File {
        /// The field that names it.
        field: &'static str,
        /// The file.
        path: PathBuf,
        /// What the file system says.
        reason: String,
    },
    /// Two fields for one thing.
    #[error("`{0}` and `{1}`: give one of them")]
    Both(&'static str, &'static str),
}

/// Fields that are asked for one by one.
#[derive(Debug)]
pub(super) struct Arguments {
    fields: Map<String, Value>,
    known: Vec<&'static str>,
}

type Result<T> = std::result::Result<T, ArgumentError>;

impl Arguments {
    pub(super) fn new(arguments: Value) -> Result<Self> {
        match arguments {
            Value::Object(fields) => Ok(Self {
                fields,
                known: Vec::new(),
            }),
            other => Err(ArgumentError::NoObject(kind(&other))),
        }
    }

    /// `null` is as good as left out.
    fn take(&mut self, field: &'static str) -> Option<Value> {
        self.known.push(field);
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<String> {
        self.optional_text(field)?
            .ok_or(ArgumentError::Missing(field))
    }

    pub(super) fn optional_text(&mut self, field: &'static str) -> Result<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(field, "a text", &other)),
        }
    }

    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool> {
        match self.take(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(wrong(field, "true or false", &other)),
        }
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<Option<u64>> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let number = value.as_u64();
        number
            .map(Some)
            .ok_or_else(|| wrong(field, "a whole number from 0 on", &value))
    }

    /// At most how many items, which has 32 bits.
    pub(super) fn max(&mut self, default: u32) -> Result<u32> {
        const FIELD: &str = "max";
        match self.number(FIELD)? {
            None => Ok(default),
            Some(max) => u32::try_from(max)
                .map_err(|_| wrong(FIELD, "a number below 4294967296", &Value::from(max))),
        }
    }

    /// An object; an empty one where it is left out.
    pub(super) fn object(&mut self, field: &'static str) -> Result<Map<String, Value>> {
        match self.take(field) {
            None => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(other) => Err(wrong(field, "an object", &other)),
        }
    }

    /// JSON text of whatever is there.
    pub(super) fn json(&mut self, field: &'static str) -> Option<String> {
        self.take(field).map(|value| value.to_string())
    }

    /// Bytes to send: a text, or what is in a file.
    pub(super) fn content(&mut self) -> Result<(Upload, u64)> {
        const TEXT: &str = "content";
        const FILE: &str = "content_file";
        match (self.optional_text(TEXT)?, self.optional_text(FILE)?) {
            (Some(_), Some(_)) => Err(ArgumentError::Both(TEXT, FILE)),
            (None, None) => Err(ArgumentError::Missing(TEXT)),
            (Some(text), None) => {
                let size = text.len() as u64;
                let bytes = std::iter::once(Ok(Bytes::from(text)));
                Ok((Upload::new(futures::stream::iter(bytes)), size))
            }
            (None, Some(path)) => {
                let path = PathBuf::from(path);
                read(&path).map_err(|error| ArgumentError::File {
                    field: FILE,
                    path,
                    reason: error.to_string(),
                })
            }
        }
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<()> {
        let Some(field) = self.fields.keys().next() else {
            return Ok(());
        };
        let known: Vec<_> = self.known.iter().map(|name| format!("`{name}`")).collect();
        Err(ArgumentError::Unknown {
            field: field.clone(),
            known: match known.as_slice() {
                [] => "none".to_owned(),
                known => known.join(", "),
            },
        })
    }
}

fn read(path: &PathBuf) -> std::io::Result<(Upload, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let mut reader = BufReader::new(file);
    let chunks = std::iter::from_fn(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        match reader.read(&mut chunk) {
            Ok(0) => None,
            Ok(count) => {
                chunk.truncate(count);
                Some(Ok(Bytes::from(chunk)))
            }
            Err(error) => Some(Err(Aborted::new(error.to_string()))),
        }
    });
    let upload = Upload::new(futures::stream::iter(chunks));
    Ok((upload, metadata.len()))
}

fn wrong(field: &'static str, expected: &'static str, found: &Value) -> ArgumentError {
    ArgumentError::Type {
        field,
        expected,
        found: kind(found),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(arguments: Value, message: &str) {
        let read = || {
            let mut arguments = Arguments::new(arguments)?;
            arguments.text("path")?;
            arguments.number("offset")?;
            arguments.max(100)?;
            arguments.finish()
        };
        let error = read().unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (arguments, message) in [
            (json!({}), "`path`: missing"),
            (json!({"path": null}), "`path`: missing"),
            (
                json!({"path": 5}),
                "`path`: expected a text, found a number",
            ),
            (
                json!({"path": "a", "offset": -1}),
                "`offset`: expected a whole number from 0 on, found a number",
            ),
            (
                json!({"path": "a", "max": 4_294_967_296_u64}),
                "`max`: expected a number below 4294967296, found a number",
            ),
            (
                json!({"path": "a", "ofset": 1}),
                "`ofset`: no such field; known here: `path`, `offset`, `max`",
            ),
            (
                json!(["a"]),
                "the arguments are a list; an operation takes one JSON object",
            ),
        ] {
            check(arguments, message);
        }
    }
}
