//! The two error bodies of the contract.
//!
//! What the validation layer refuses is an RFC 9457 problem; every other
//! failure has the envelope of the framework the original connectors run on,
//! down to its names and sentences, because callers and people match on them.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::status;
use crate::dispatch::Error;

/// A request that is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    text: Text,
    retry_after: Option<Duration>,
    /// Members beyond those of the two bodies.
    further: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    Problem {
        title: String,
        detail: Option<String>,
    },
    Envelope {
        sentence: String,
    },
}

impl Refusal {
    /// The body does not fit the operation's schema.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::problem(StatusCode::BAD_REQUEST, "Bad Request", Some(detail.into()))
    }

    /// The body is of a kind the operation does not read. The original puts
    /// the explanation into the title and leaves the detail null.
    pub(super) fn media_type(found: &str, expected: &str) -> Self {
        let title = format!("Invalid Content-type ({found}), expected {expected}");
        Self::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, title, None)
    }

    /// Any other failure. `sentence` is public.
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self {
            status,
            text: Text::Envelope {
                sentence: sentence.into(),
            },
            retry_after: None,
            further: Map::new(),
        }
    }

    /// Nothing is served under this path.
    pub(super) fn path_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "The requested URL was not found on the server. If you entered the URL manually \
             please check your spelling and try again.",
        )
    }

    /// The path is served, but not to this method.
    pub(super) fn method_unknown() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "The method is not allowed for the requested URL.",
        )
    }

    /// Asks the caller to come back.
    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The same refusal in other words.
    pub(super) fn saying(mut self, sentence: String) -> Self {
        self.text = Text::Envelope { sentence };
        self
    }

    /// Adds a member to the body, for callers that look for it.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.further.insert(name.to_owned(), value.into());
        self
    }

    /// What went wrong, in public words.
    pub(super) fn sentence(&self) -> &str {
        match &self.text {
            Text::Problem { title, detail } => detail.as_deref().unwrap_or(title),
            Text::Envelope { sentence } => sentence,
        }
    }

    fn problem(status: StatusCode, title: impl Into<String>, detail: Option<String>) -> Self {
        Self {
            status,
            text: Text::Problem {
                title: title.into(),
                detail,
            },
            retry_after: None,
            further: Map::new(),
        }
    }

    /// The body's media type and text.
    pub(super) fn body(&self) -> (&'static str, String) {
        let code = self.status.as_u16();
        let mut body = self.further.clone();
        let mut say = |name: &str, value| body.insert(name.to_owned(), value);
        let media_type = match &self.text {
            Text::Problem { title, detail } => {
                say("type", json!("about:blank"));
                say("title", json!(title));
                say("status", json!(code));
                say("detail", json!(detail));
                "application/problem+json"
            }
            Text::Envelope { sentence } => {
                let (name, phrase) = names(self.status);
                say("error", json!(name));
                say("http_code", json!(code));
                say("description", json!(format!("{code} {phrase}: {sentence}")));
                "application/json"
            }
        };
        (media_type, Value::Object(body).to_string())
    }

    /// The headers of the answer, whatever becomes of its body.
    pub(super) fn headers(&self, media_type: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some(delay) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(delay)));
        }
        headers
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = status::of(error.outcome(), error.fault());
        let mut refusal = Self::new(status, error.message());
        refusal.retry_after = status::retry_after(error.outcome(), error.retry_after());
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (media_type, body) = self.body();
        (self.status, self.headers(media_type), body).into_response()
    }
}

/// `Retry-After` counts whole seconds; rounding down would ask too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

/// Class name and phrase the original framework has for a status.
fn names(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        400 => ("BadRequest", "Bad Request"),
        401 => ("Unauthorized", "Unauthorized"),
        403 => ("Forbidden", "Forbidden"),
        404 => ("NotFound", "Not Found"),
        405 => ("MethodNotAllowed", "Method Not Allowed"),
        408 => ("RequestTimeout", "Request Timeout"),
        409 => ("Conflict", "Conflict"),
        413 => ("RequestEntityTooLarge", "Request Entity Too Large"),
        429 => ("TooManyRequests", "Too Many Requests"),
        status::CLIENT_CLOSED_REQUEST => ("ClientClosedRequest", "Client Closed Request"),
        501 => ("NotImplemented", "Not Implemented"),
        502 => ("BadGateway", "Bad Gateway"),
        503 => ("ServiceUnavailable", "Service Unavailable"),
        504 => ("GatewayTimeout", "Gateway Timeout"),
        505 => ("HTTPVersionNotSupported", "HTTP Version Not Supported"),
        _ => ("InternalServerError", "Internal Server Error"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::response::IntoResponse as _;
    use http::StatusCode;
    use http::header::{CONTENT_TYPE, RETRY_AFTER};

    use super::Refusal;

    fn check(refusal: &Refusal, media_type: &str, body: serde_json::Value) {
        let (found, text) = refusal.body();
        assert_eq!(found, media_type);
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed, body);
    }

    #[test]
    fn the_validation_layer_answers_problems() {
        check(
            &Refusal::malformed("Request body is not valid JSON"),
            "application/problem+json",
            serde_json::json!({
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "Request body is not valid JSON",
            }),
        );
        check(
            &Refusal::media_type("text/plain", "JSON data"),
            "application/problem+json",
            serde_json::json!({
                "type": "about:blank",
                "title": "Invalid Content-type (text/plain), expected JSON data",
                "status": 415,
                "detail": null,
            }),
        );
    }

    #[test]
    fn everything_else_answers_the_envelope() {
        check(
            &Refusal::path_unknown(),
            "application/json",
            serde_json::json!({
                "error": "NotFound",
                "http_code": 404,
                "description": "404 Not Found: The requested URL was not found on the server. \
                    If you entered the URL manually please check your spelling and try again.",
            }),
        );
        check(
            &Refusal::method_unknown(),
            "application/json",
            serde_json::json!({
                "error": "MethodNotAllowed",
                "http_code": 405,
                "description": "405 Method Not Allowed: \
                    The method is not allowed for the requested URL.",
            }),
        );
    }

    #[test]
    fn both_bodies_take_further_members() {
        let further = |refusal: Refusal| refusal.with("success", false);
        let refusal = further(Refusal::media_type("text/plain", "JSON data"));
        assert_eq!(
            refusal.sentence(),
            "Invalid Content-type (text/plain), expected JSON data"
        );
        for refusal in [refusal, further(Refusal::path_unknown())] {
            let body: serde_json::Value = serde_json::from_str(&refusal.body().1).unwrap();
            assert_eq!(body["success"], false);
            assert!(body.get("title").is_some() || body["http_code"] == 404);
        }
    }

    #[test]
    fn a_delay_is_rounded_up() {
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
            .after(Duration::from_millis(1500))
            .into_response();
        assert_eq!(refusal.headers()[RETRY_AFTER], "2");
        assert_eq!(refusal.headers()[CONTENT_TYPE], "application/json");
    }
}
