//! Answers that say why not: sqAPI's form, `error`, `reference`, `details`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::dispatch::{Error, Outcome};

/// A refusal.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    details: String,
    retry_after_s: Option<u64>,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    /// Names the answer in the log.
    reference: String,
    details: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, details: impl Into<String>) -> Self {
        Self {
            status,
            details: details.into(),
            retry_after_s: None,
        }
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is nothing at {path}"))
    }

    pub(super) fn method_not_allowed() -> Self {
        let details = "the path does not have this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, details)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.outcome() {
            Outcome::Invalid => StatusCode::BAD_REQUEST,
            Outcome::Unauthenticated => StatusCode::UNAUTHORIZED,
            Outcome::Denied => StatusCode::FORBIDDEN,
            Outcome::NotFound => StatusCode::NOT_FOUND,
            Outcome::Conflict => StatusCode::CONFLICT,
            Outcome::Unsupported => StatusCode::NOT_IMPLEMENTED,
            Outcome::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Outcome::Unavailable | Outcome::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Outcome::Internal => StatusCode::BAD_GATEWAY,
            Outcome::Deadline => StatusCode::GATEWAY_TIMEOUT,
            // Nginx's, for a client that closed its request; nobody reads it.
            Outcome::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        };
        let details = match error.subject() {
            Some(subject) => format!("{}: {subject}", error.message()),
            None => error.message().to_owned(),
        };
        Self {
            status,
            details,
            retry_after_s: error.retry_after().map(|after| after.as_secs().max(1)),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let reference = Uuid::new_v4().to_string();
        if self.status.is_server_error() {
            tracing::warn!(reference, status = self.status.as_u16(), "{}", self.details);
        }
        let body = Body {
            error: self.status.canonical_reason().unwrap_or("Refused"),
            reference,
            details: self.details,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(after) = self.retry_after_s {
            headers.insert(RETRY_AFTER, after.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
