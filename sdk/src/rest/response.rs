//! What a client gets.

use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{Error, Kind, Result};

const JSON: &str = "application/json";

/// A response. One of a failure has a JSON body of three texts: `error`, what kind it is;
/// `reference`, under which the plugin's log has it; and `details`.
///
/// | an error that is | becomes |
/// |---|---|
/// | invalid | 400 |
/// | unauthenticated | 401 |
/// | denied | 403 |
/// | not found | 404 |
/// | conflict | 409 |
/// | rate limited | 429, with `Retry-After` when known |
/// | internal | 500 |
/// | unsupported | 501 |
/// | unavailable | 503, with `Retry-After` when known |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// 200 with JSON, such as [`Rows`](crate::database::Rows).
    pub fn ok(content: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_vec(content)
            .map_err(|error| Error::internal(format!("no JSON can be made: {error}")))?;
        Ok(Self::bytes(JSON, json))
    }

    /// 200 with text that is JSON already.
    pub fn json(text: impl Into<String>) -> Self {
        Self::bytes(JSON, text.into())
    }

    /// 200 with content of any media type.
    pub fn bytes(media_type: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::empty(200).with_content(media_type, content.into())
    }

    /// 204, which has no body.
    pub fn no_content() -> Self {
        Self::empty(204)
    }

    /// 400: the client has to ask otherwise.
    pub fn invalid_request(details: &str) -> Self {
        Self::failure(400, details)
    }

    /// 404: there is no such thing.
    pub fn not_found(details: &str) -> Self {
        Self::failure(404, details)
    }

    /// 500: a fault of the plugin.
    pub fn server_failure(details: &str) -> Self {
        Self::failure(500, details)
    }

    /// 501: the plugin does not offer this.
    pub fn not_implemented(details: &str) -> Self {
        Self::failure(501, details)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers, that of the body's length left out.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn with_content(mut self, media_type: &str, content: Vec<u8>) -> Self {
        self.body = content;
        self.header("content-type", media_type)
    }

    /// A failure, which the log gets to know of where it is none of the client's.
    pub(crate) fn failure(status: u16, details: &str) -> Self {
        let error = match status {
            400 => "Invalid request",
            401 => "Unauthenticated",
            403 => "Denied",
            404 => "Not found",
            405 => "Method not allowed",
            409 => "Conflict",
            413 => "Request too large",
            429 => "Too many requests",
            501 => "Not implemented",
            503 => "Unavailable",
            _ => "Server failure",
        };
        let reference = Uuid::new_v4();
        if status >= 500 {
            crate::warn!("answered {status}, reference {reference}: {details}");
        }
        let body = json!({"error": error, "reference": reference.to_string(), "details": details});
        Self::empty(status).with_content(JSON, body.to_string().into())
    }
}

impl From<Error> for Response {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            Kind::Invalid => 400,
            Kind::Unauthenticated => 401,
            Kind::Denied => 403,
            Kind::NotFound => 404,
            Kind::Conflict => 409,
            Kind::RateLimited => 429,
            Kind::Internal => 500,
            Kind::Unsupported => 501,
            Kind::Unavailable => 503,
        };
        let response = Self::failure(status, &error.to_string());
        match error.retry_after() {
            // Whole seconds, of which a part is one more.
            Some(delay) if matches!(status, 429 | 503) => {
                let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
                response.header("retry-after", seconds.to_string())
            }
            _ => response,
        }
    }
}
