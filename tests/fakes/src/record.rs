//! What a fake saw and what it found wrong with it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::Value;

/// A request, in the order of arrival.
#[derive(Debug, Clone)]
pub struct Call {
    /// The name of the operation, or `undocumented`.
    pub operation: String,
    /// The method.
    pub method: Method,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, where it was JSON and was read.
    pub json: Option<Value>,
    /// How many bytes of the body came.
    pub received: u64,
    /// The status of the answer; `None` while there is none, and for good when
    /// the connection was cut instead.
    pub status: Option<u16>,
}

impl Call {
    /// Method and path, such as `GET /api/deposit/depositions`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A header's value; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// Something that a client must never do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Method and path of the call.
    pub line: String,
    /// The rule it broke.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.rule)
    }
}

#[derive(Debug, Default)]
struct Seen {
    calls: Vec<Call>,
    violations: Vec<Violation>,
}

/// The memory of one fake.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<Seen>);

impl Record {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request and gives it a number.
    pub(crate) fn begin(&self, request: &Parts, operation: Option<String>) -> usize {
        let mut seen = self.seen();
        seen.calls.push(Call {
            operation: operation.unwrap_or_else(|| "undocumented".into()),
            method: request.method.clone(),
            path: request.uri.path().to_owned(),
            query: request.uri.query().map(str::to_owned),
            headers: request.headers.clone(),
            json: None,
            received: 0,
            status: None,
        });
        seen.calls.len() - 1
    }

    pub(crate) fn update(&self, number: usize, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.seen().calls.get_mut(number) {
            change(call);
        }
    }

    pub(crate) fn violation(&self, number: usize, rule: impl Into<String>) {
        let mut seen = self.seen();
        let line = seen.calls.get(number).map(Call::line).unwrap_or_default();
        seen.violations.push(Violation {
            line,
            rule: rule.into(),
        });
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.seen().calls.clone()
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.seen().violations.clone()
    }

    pub(crate) fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.seen().violations)
    }
}
