//! The one form in which the API says no: RFC 9457 problem documents.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::{Kind, Refusal};

/// The media type of problem documents.
pub(super) const PROBLEM_TYPE: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong, and what to do next.
    pub detail: String,
    /// A short name of the reason, such as `no-connector` or `compile-timeout`.
    pub code: String,
    /// Names the request in the host's log.
    pub request_id: String,
}

/// A problem whose request is not named yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    detail: String,
    challenge: Option<&'static str>,
    retry_after_seconds: Option<u64>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            challenge: None,
            retry_after_seconds: None,
        }
    }

    /// A part of the request is not of its form.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// The host itself failed; the log says how.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the host failed; its log says more under this request_id",
        )
    }

    /// How to prove oneself (RFC 6750).
    pub(super) fn with_challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// When to come again.
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    fn into_problem(self, request_id: &str) -> Problem {
        Problem {
            kind: "about:blank".to_owned(),
            title: self
                .status
                .canonical_reason()
                .unwrap_or_default()
                .to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.to_owned(),
            request_id: request_id.to_owned(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind() {
            Kind::Missing => StatusCode::NOT_FOUND,
            Kind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let detail = match &refusal {
            Refusal::Persistence(error) => {
                // A database tells more than its caller should read.
                tracing::error!("the catalog's database failed: {error}");
                "the database failed; the host's log says how".to_owned()
            }
            refusal => refusal.to_string(),
        };
        Self::new(status, refusal.code(), detail)
    }
}

/// Leaves the body to [`name`], which knows the request's id.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the document of a response that is a failure. Returns its code.
pub(super) fn name(response: &mut Response, request_id: &str) -> Option<&'static str> {
    let failure = response.extensions_mut().remove::<Failure>()?;
    let code = failure.code();
    let document = Json(failure.into_problem(request_id)).into_response();
    let (head, body) = document.into_parts();
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.extend(head.headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence;

    fn check(refusal: Refusal, status: u16, code: &str, detail: &str) {
        let problem = Failure::from(refusal).into_problem("r");
        assert_eq!((problem.status, problem.code.as_str()), (status, code));
        assert_eq!(problem.detail, detail);
        assert_eq!(problem.request_id, "r");
    }

    #[test]
    fn every_kind_of_refusal_has_its_status() {
        let id = "acme/x".parse().unwrap();
        let missing = "no connector `acme/x`";
        check(Refusal::NoConnector(id), 404, "no-connector", missing);
        let refused = Refusal::NotAdmitted {
            code: "compile-timeout",
            message: "too long".to_owned(),
        };
        check(refused, 422, "compile-timeout", "too long");
        let conflict = Refusal::Conflict("changed".to_owned());
        check(conflict, 409, "conflict", "changed");
        let stopping = "the host is about to stop";
        check(Refusal::Stopping, 503, "stopping", stopping);
        let database = Refusal::Persistence(persistence::Error::Unreadable {
            what: "url",
            why: "postgres://user:password@host".to_owned(),
        });
        let said = "the database failed; the host's log says how";
        check(database, 503, "database", said);
    }

    #[test]
    fn a_failure_keeps_its_headers_and_names_the_request() {
        let failure = Failure::new(StatusCode::UNAUTHORIZED, "unauthenticated", "who?")
            .with_challenge("Bearer")
            .after(3);
        let mut response = failure.into_response();
        assert_eq!(name(&mut response, "r-1"), Some("unauthenticated"));
        let headers = response.headers();
        assert_eq!(headers[CONTENT_TYPE], PROBLEM_TYPE);
        assert_eq!(headers[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(headers[RETRY_AFTER], "3");
        // One that is none stays as it is.
        assert_eq!(name(&mut StatusCode::OK.into_response(), "r-2"), None);
    }
}
