//! The schemas of the JSON bodies, and the checks in the validator's order:
//! the members' types, then what is missing.

use serde_json::{Map, Value};

use super::Json;
use super::repr::repr;
use crate::frontend::rds::problem::Refusal;

/// Whether an operation needs a `filepath`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::frontend::rds) enum Filepath {
    /// Refused when it is missing.
    Required,
    /// The root when it is missing.
    Optional,
}

/// How the specification describes `metadata`. A null is accepted under both:
/// callers send it wherever the member may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::frontend::rds) enum Metadata {
    /// `type: object`.
    Object,
    /// `anyOf` an object and a null, which words its refusal differently.
    ObjectOrNull,
}

impl Json {
    /// Checks the body against `{filepath: string, userId: string}` and
    /// returns its `filepath`.
    pub(in crate::frontend::rds) fn filepath(&self, need: Filepath) -> Result<&str, Refusal> {
        let members = object(&self.value)?;
        let filepath = text(members, "filepath")?;
        text(members, "userId")?;
        match (filepath, need) {
            (Some(filepath), _) => Ok(filepath),
            (None, Filepath::Optional) => Ok(""),
            (None, Filepath::Required) => Err(missing("filepath")),
        }
    }

    /// Checks the body against `{userId: string}`.
    pub(in crate::frontend::rds) fn user_only(&self) -> Result<(), Refusal> {
        text(object(&self.value)?, "userId").map(|_| ())
    }

    /// Checks the body against `{metadata: object, userId: string}` and takes
    /// its `metadata` out.
    pub(in crate::frontend::rds) fn take_metadata(
        &mut self,
        kind: Metadata,
    ) -> Result<Option<Map<String, Value>>, Refusal> {
        let members = object(&self.value)?;
        match (members.get("metadata"), kind) {
            (None | Some(Value::Null | Value::Object(_)), _) => {}
            (Some(other), Metadata::Object) => {
                return Err(mismatch(other, "object", Some("metadata")));
            }
            (Some(other), Metadata::ObjectOrNull) => {
                return Err(Refusal::malformed(format!(
                    "{} is not valid under any of the given schemas - 'metadata'",
                    repr(other)
                )));
            }
        }
        text(members, "userId")?;
        let taken = self.value.as_object_mut();
        Ok(match taken.and_then(|members| members.remove("metadata")) {
            Some(Value::Object(metadata)) => Some(metadata),
            _ => None,
        })
    }
}

/// The refusal of a body without a member it needs.
pub(in crate::frontend::rds) fn missing(name: &str) -> Refusal {
    Refusal::malformed(format!("'{name}' is a required property"))
}

fn object(value: &Value) -> Result<&Map<String, Value>, Refusal> {
    value
        .as_object()
        .ok_or_else(|| mismatch(value, "object", None))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(mismatch(other, "string", Some(name))),
    }
}

fn mismatch(value: &Value, expected: &str, name: Option<&str>) -> Refusal {
    let at = name.map(|name| format!(" - '{name}'")).unwrap_or_default();
    Refusal::malformed(format!("{} is not of type '{expected}'{at}", repr(value)))
}
