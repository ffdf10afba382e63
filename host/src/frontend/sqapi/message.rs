//! Reads messages: the fields that the pipeline needs, wherever the
//! configuration says they are. sqAPI contract, section 6.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::mime::essence;
use super::settings::{Field, Fields, Parser, Parsing};

/// Longest identity, in bytes. Databases index it, PostgreSQL up to 2,704 bytes;
/// what no table takes could never be told of, and would come back for ever.
const UUID_BYTES_MAX: usize = 1024;

/// A message that can be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The object's identity.
    pub(super) uuid: String,
    /// In lower case and without parameters; empty where there is none.
    pub(super) media_type: String,
    /// What takes the metadata store's place.
    pub(super) metadata: Option<String>,
    pub(super) data_location: Option<String>,
    pub(super) meta_location: Option<String>,
    /// All that was sent, as a JSON object.
    pub(super) body: Arc<str>,
}

/// A message that never can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(super) struct Unreadable {
    /// Which object it is about, where that much can be told.
    pub(super) uuid: Option<String>,
    pub(super) reason: String,
}

impl Unreadable {
    pub(super) fn too_large(bytes_max: u64) -> Self {
        Self {
            uuid: None,
            reason: format!("limit `message_bytes` ({bytes_max} bytes) exceeded"),
        }
    }
}

/// Reads a message's body.
///
/// # Errors
///
/// [`Unreadable`] with the field and the rule.
pub(super) fn read(parsing: &Parsing, body: &[u8]) -> Result<Message, Unreadable> {
    let anonymous = |reason: String| Unreadable { uuid: None, reason };
    let text = std::str::from_utf8(body)
        .map_err(|error| anonymous(format!("the message is no UTF-8: {error}")))?;
    // Some producers mark their UTF-8.
    let text = text.trim_start_matches('\u{feff}');
    let object = match &parsing.parser {
        Parser::Json => object(text).map_err(anonymous)?,
        Parser::Delimited { format, delimiter } => delimited(text, format, delimiter),
    };
    let fields = &parsing.fields;
    let uuid = identity(&object, &fields.uuid);
    let known = uuid.as_ref().ok().cloned().flatten();
    let refuse = |reason: String| Unreadable {
        uuid: known.clone(),
        reason,
    };
    check_required(fields, &object).map_err(refuse)?;
    let text_of = |field| value(&object, field).map_err(refuse);
    let uuid = uuid.map_err(refuse)?;
    let uuid = uuid.ok_or_else(|| refuse(format!("the field `{}` is empty", fields.uuid.key)))?;
    let media_type = text_of(&fields.media_type)?.unwrap_or_default();
    Ok(Message {
        uuid,
        media_type: essence(&media_type),
        metadata: metadata(&object, &fields.metadata).map_err(refuse)?,
        data_location: text_of(&fields.data_location)?,
        meta_location: text_of(&fields.meta_location)?,
        body: match parsing.parser {
            Parser::Json => text.into(),
            Parser::Delimited { .. } => Value::Object(object).to_string().into(),
        },
    })
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the message is JSON, but no object".to_owned()),
        Err(error) => Err(format!("the message is no JSON: {error}")),
    }
}

/// Surplus parts are left out, and fields whose part is missing are absent.
fn delimited(text: &str, format: &[String], delimiter: &str) -> Map<String, Value> {
    let parts = text.split(delimiter).map(Value::from);
    format.iter().cloned().zip(parts).collect()
}

/// Presence alone: what is empty or null is there.
fn check_required(fields: &Fields, object: &Map<String, Value>) -> Result<(), String> {
    let all = [
        &fields.uuid,
        &fields.media_type,
        &fields.metadata,
        &fields.data_location,
        &fields.meta_location,
    ];
    let required = all.into_iter().filter(|field| field.required);
    let required = required.map(|field| &field.key).chain(&fields.required);
    let missing: Vec<_> = required
        .filter(|key| !object.contains_key(*key))
        .map(|key| format!("\"{key}\""))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(format!(
        "The field(/s) {missing} are missing in the message"
    ))
}

fn identity(object: &Map<String, Value>, field: &Field) -> Result<Option<String>, String> {
    let uuid = value(object, field)?;
    match uuid.as_ref().is_some_and(|it| it.len() > UUID_BYTES_MAX) {
        true => Err(format!(
            "the field `{}` has more than {UUID_BYTES_MAX} bytes",
            field.key
        )),
        false => Ok(uuid),
    }
}

/// A field's text; a number counts as its digits, what is empty as absent.
fn value(object: &Map<String, Value>, field: &Field) -> Result<Option<String>, String> {
    match object.get(&field.key) {
        None | Some(Value::Null) => Ok(None),
        // PostgreSQL keeps no NUL, and no key or path has one.
        Some(Value::String(text)) if text.contains('\0') => {
            Err(format!("the field `{}` holds a NUL", field.key))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => Err(format!(
            "the field `{}` is neither text nor a number, but {}",
            field.key,
            kind(other)
        )),
    }
}

/// JSON in a text, as sqAPI has it, or an object as everybody else would
/// write it. What is empty has the metadata store asked.
fn metadata(object: &Map<String, Value>, field: &Field) -> Result<Option<String>, String> {
    match object.get(&field.key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Ok(Some(text.clone())),
            Err(error) => Err(format!("the field `{}` is no JSON: {error}", field.key)),
        },
        Some(Value::Object(inner)) if inner.is_empty() => Ok(None),
        Some(object @ Value::Object(_)) => Ok(Some(object.to_string())),
        Some(other) => Err(format!(
            "the field `{}` is neither JSON in a text nor an object, but {}",
            field.key,
            kind(other)
        )),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
