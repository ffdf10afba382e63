//! What Zenodo says no with. A status has its meaning from the SDK; Zenodo's own words go with it
//! where they help the caller: the fields that a deposit lacks, commonly.

use serde_json::Value;
use tenon_sdk::{Error, Result, http::Response};

/// More than this is no error message.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Characters to quote.
const QUOTED_MAX: usize = 300;
/// Letters and digits in a row from which on a word may be a token. Field names have dots and
/// underscores in them.
const WORD_MAX: usize = 24;

/// The response, or the error that its status means.
pub(crate) fn accepted(response: Response, subject: &str) -> Result<Response> {
    let Some(error) = response.failure(subject) else {
        return Ok(response);
    };
    // What is said of a wrong token may quote it, and Zenodo explains no failure of its own.
    let explains = matches!(response.status(), 400 | 402..=499);
    let body = explains.then(|| response.into_body()?.read_all(BODY_BYTES_MAX));
    let explanation = match body {
        Some(Ok(body)) => serde_json::from_slice(&body).map_or_else(|_| String::new(), explain),
        _ => String::new(),
    };
    if explanation.is_empty() {
        return Err(error);
    }
    let message = format!("{}: {explanation}", error.message());
    Err(Error::new(error.kind(), message)
        .about(subject)
        .after(error.retry_after()))
}

/// `{"message", "errors": [{"field", "message" or "messages"}]}` as a sentence.
fn explain(body: Value) -> String {
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let faults = body.get("errors").and_then(Value::as_array);
    let faults: Vec<_> = faults
        .into_iter()
        .flatten()
        .filter_map(|fault| {
            let several = fault.get("messages").and_then(Value::as_array);
            let several = several.into_iter().flatten().filter_map(Value::as_str);
            let messages: Vec<_> = several.collect();
            let message = text(fault, "message").unwrap_or_else(|| messages.join(", "));
            let parts = [text(fault, "field").unwrap_or_default(), message];
            let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            (!said.is_empty()).then(|| said.join(": "))
        })
        .collect();
    let message = text(&body, "message").unwrap_or_default();
    let message = message.trim().trim_end_matches('.');
    let whole = match (message.is_empty(), faults.is_empty()) {
        (_, true) => message.to_owned(),
        (true, false) => faults.join("; "),
        (false, false) => format!("{message} ({})", faults.join("; ")),
    };
    quotable(&whole)
}

/// The text without control characters and without what may be a token, cut to a fair length.
fn quotable(text: &str) -> String {
    let mut quotable = String::new();
    for word in text.split_inclusive(|character: char| !character.is_ascii_alphanumeric()) {
        if word.len() > WORD_MAX {
            quotable.push('\u{2026}');
            quotable.extend(word.chars().last().filter(|end| !end.is_alphanumeric()));
        } else {
            quotable.push_str(word);
        }
    }
    let plain = quotable.chars().map(|character| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    });
    let mut short: String = plain.clone().take(QUOTED_MAX).collect();
    if plain.count() > QUOTED_MAX {
        short.push('\u{2026}');
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_the_fields() {
        for (body, expected) in [
            (json!({"message": "Not found.", "status": 404}), "Not found"),
            (
                json!({"message": "Validation error", "errors": [
                    {"code": 10, "message": "Not a valid choice", "field": "access_right"},
                    {"field": "metadata.title", "messages": ["Missing data", "Too short"]},
                    {"message": "And that"},
                    7,
                ]}),
                "Validation error (access_right: Not a valid choice; \
                 metadata.title: Missing data, Too short; And that)",
            ),
            (json!({"errors": [{"field": "title"}]}), "title"),
            (json!(["unknown"]), ""),
            (json!({"message": 5, "errors": {}}), ""),
        ] {
            assert_eq!(explain(body), expected);
        }
    }

    #[test]
    fn quotes_neither_much_nor_secrets() {
        let token = "abcdefghijklmnopqrstuvwxyz0123456789";
        let quoted = quotable(&format!("no\r\nscope for {token}, sorry"));
        assert_eq!(quoted, "no  scope for \u{2026}, sorry");
        assert_eq!(quotable(token), "\u{2026}");
        assert_eq!(
            quotable(&"ab ".repeat(1000)).chars().count(),
            QUOTED_MAX + 1
        );
        let field = "metadata.related_identifiers.0.relation_type.id";
        assert_eq!(quotable(field), field);
    }
}
