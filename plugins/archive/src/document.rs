//! The crate document: what describes a project, `ro-crate-metadata.json`.

use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde_json::json;
use tenon_ro_crate::Crate;
use tenon_sdk::{Error, Result, transfer::Reader};
use time::{OffsetDateTime, format_description::well_known::Iso8601};

/// Its name in the crate's directory.
pub(crate) const NAME: &str = "ro-crate-metadata.json";
/// Bytes of a document. It is read as a whole, several times over in a sandbox of 64 MiB.
pub(crate) const BYTES_MAX: usize = 8 << 20;

/// What the caller gave. Callers that have nothing say so with `null` or an empty object, too.
pub(crate) fn given(metadata: Option<&str>) -> Option<&str> {
    metadata.filter(|text| {
        let mut bytes = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
        let start = [bytes.next(), bytes.next(), bytes.next(), bytes.next()];
        let null = start == [b'n', b'u', b'l', b'l'].map(Some);
        let empty = start == [Some(b'{'), Some(b'}'), None, None];
        !null && !empty
    })
}

/// Refuses what is no RO-Crate, with the reason. An object of another form is not wrapped into
/// one: what of it means what, only its author knows.
pub(crate) fn check(text: &str) -> Result<()> {
    if text.len() > BYTES_MAX {
        return Err(too_large());
    }
    Crate::check(text)
        .map_err(|error| Error::invalid(format!("not an RO-Crate: {error}")).about("metadata"))
}

/// The whole of a document that is not larger than it may be.
pub(crate) fn read(content: &mut Reader<'_>) -> Result<String> {
    if content
        .remaining()
        .is_some_and(|size| size > BYTES_MAX as u64)
    {
        return Err(too_large());
    }
    let bytes = content.read_all(BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| Error::invalid("a crate document is not UTF-8").about(NAME))
}

/// The text of a document that is an object at least. Other tools may write one, too.
pub(crate) fn object(text: String) -> Result<String> {
    match serde_json::from_str::<HashMap<String, IgnoredAny>>(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(Error::invalid("a crate document is no JSON object").about(NAME)),
    }
}

fn too_large() -> Error {
    Error::invalid("a crate document is larger than 8 MiB").about(NAME)
}

/// The document of a project of which nothing is known yet.
pub(crate) fn minimal() -> String {
    json!({
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": NAME,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "Untitled project",
                "description": "A project that has not been described yet.",
                "datePublished": today(),
            },
        ],
    })
    .to_string()
}

/// The date as `2026-01-31`.
pub(crate) fn today() -> String {
    let date = OffsetDateTime::now_utc().date();
    // A date of this age has the form.
    date.format(&Iso8601::DATE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_given_has_several_forms() {
        for nothing in [
            None,
            Some("null"),
            Some(" null "),
            Some("{}"),
            Some(" { \n}"),
        ] {
            assert_eq!(given(nothing), None, "{nothing:?}");
        }
        for something in ["{\"a\":1}", "[]", "nil", "{", "\"null\"", "0"] {
            assert_eq!(given(Some(something)), Some(something));
        }
    }

    #[test]
    fn the_minimal_document_is_a_crate() {
        check(&minimal()).unwrap();
        let document: serde_json::Value = serde_json::from_str(&minimal()).unwrap();
        let date = document["@graph"][1]["datePublished"].as_str().unwrap();
        assert_eq!(date.len(), "2026-01-31".len());
        assert!(date.starts_with("20"));
    }

    #[test]
    fn what_is_no_crate_is_invalid() {
        for text in ["[]", "{\"name\":\"x\"}", "{\"@graph\":[]}", "not json", "7"] {
            let error = check(text).unwrap_err();
            assert_eq!(error.kind(), tenon_sdk::Kind::Invalid, "{text}");
            assert_eq!(error.subject(), Some("metadata"));
        }
        let huge = " ".repeat(BYTES_MAX + 1);
        assert_eq!(check(&huge).unwrap_err().kind(), tenon_sdk::Kind::Invalid);
    }
}
