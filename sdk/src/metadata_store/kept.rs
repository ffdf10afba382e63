//! Metadata as a key-value store keeps it.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::{
    Error, Result,
    kv::{Store, Value},
};

/// The metadata that a store keeps under `prefix` and `reference`: a string that is JSON, as it
/// is, or a hash, as an object of its fields. A hash has no types, so each field's value is text.
///
/// `not-found` for a key that is missing or empty, in the words that sqAPI has for it; `invalid`
/// for a string that is no JSON and for a field that is no text.
pub fn kept_in(store: &Store, prefix: &str, reference: &str) -> Result<String> {
    let metadata = match store.get(&format!("{prefix}{reference}"))? {
        Some(Value::Bytes(bytes)) => string(bytes)?,
        Some(Value::Hash(fields)) => hash(fields).map_err(|error| error.about(reference))?,
        None => None,
    };
    metadata.ok_or_else(|| {
        Error::not_found(format!(
            "Metadata by reference {reference} was not available at this moment"
        ))
    })
}

fn string(bytes: Vec<u8>) -> Result<Option<String>> {
    let text = String::from_utf8(bytes).map_err(|_| Error::invalid("the metadata is not UTF-8"))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str::<IgnoredAny>(&text)
        .map_err(|error| Error::invalid(format!("the metadata is not JSON: {error}")))?;
    Ok(Some(text))
}

fn hash(fields: Vec<(String, Vec<u8>)>) -> Result<Option<String>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let object = fields
        .into_iter()
        .map(|(field, value)| {
            let value = String::from_utf8(value).map_err(|_| {
                Error::invalid(format!("the metadata's field {field} is not UTF-8"))
            })?;
            Ok((field, value))
        })
        .collect::<Result<BTreeMap<_, _>>>()?;
    serde_json::to_string(&object)
        .map(Some)
        .map_err(|error| Error::internal(format!("no JSON can be made: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, native::Environment};

    fn fetched(value: Option<Value>) -> Result<String> {
        let keys = value.map(|value| ("meta:1", value));
        let environment = Environment::builder().store("main", keys).build();
        environment.enter(|| kept_in(&Store::named("main"), "meta:", "1"))
    }

    #[test]
    fn strings_are_json_as_they_are() {
        for json in ["{\"a\": 1}", " [1,\n2] ", "null", "\"text\"", "1e400"] {
            let value = Value::Bytes(json.into());
            assert_eq!(fetched(Some(value)).unwrap(), json);
        }
    }

    #[test]
    fn hashes_become_objects_of_texts() {
        let fields = [("mime.type", "image/png"), ("height", "12"), ("q", "\"")];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.into()));
        assert_eq!(
            fetched(Some(Value::Hash(fields.into()))).unwrap(),
            r#"{"height":"12","mime.type":"image/png","q":"\""}"#
        );
    }

    #[test]
    fn what_is_empty_is_missing() {
        let (bytes, hash) = (Value::Bytes(b" \n".to_vec()), Value::Hash(Vec::new()));
        for value in [None, Some(bytes), Some(hash)] {
            assert_eq!(
                fetched(value).unwrap_err(),
                Error::not_found("Metadata by reference 1 was not available at this moment")
            );
        }
    }

    #[test]
    fn what_is_no_metadata() {
        let hash = Value::Hash(vec![("a".to_owned(), vec![255])]);
        let strings = ["{", "{}{}", "{'a': 1}", "{\"a\": 1"].map(|text| Value::Bytes(text.into()));
        for value in strings.into_iter().chain([Value::Bytes(vec![255]), hash]) {
            let error = fetched(Some(value.clone())).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid, "{value:?}");
        }
    }

    #[test]
    fn a_store_that_is_not_granted() {
        let error = kept_in(&Store::named("main"), "", "1").unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
    }
}
