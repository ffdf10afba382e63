//! Why a call failed: what, whose fault, and whether to try again.
//!
//! `Display` prints the public message alone. The private source, which may
//! quote a guest, goes to the log and never to a caller.

use std::fmt;
use std::time::Duration;

use super::ConnectorId;
use crate::bindings::types;
use crate::capability::Limit;
use crate::capability::log::printable;
use crate::plugin::{Failure, Role};

/// When to come back to a host that is full: long enough to drain a burst.
const OVERLOADED_RETRY: Duration = Duration::from_secs(1);

/// Longest message and subject, in bytes: a plugin may quote what an upstream
/// has sent, and every caller and log line gets a copy.
const TEXT_BYTES_MAX: usize = 2 * 1024;

/// The kinds of failure every frontend must have an answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The caller's input is wrong; never retry.
    Invalid,
    /// The credential is missing, wrong or expired.
    Unauthenticated,
    /// Not allowed, by the system behind or by a grant.
    Denied,
    /// May appear later.
    NotFound,
    /// Exists already, or changed meanwhile.
    Conflict,
    /// The operation is not offered.
    Unsupported,
    /// The system behind asks to slow down.
    RateLimited,
    /// The system behind is down.
    Unavailable,
    /// A fault of the plugin, a trap, or a broken limit.
    Internal,
    /// No first byte, no progress, or too long in total.
    Deadline,
    /// A quota or the number of calls at a time is reached.
    Overloaded,
    /// The caller went away, or the host stops.
    Cancelled,
}

impl Outcome {
    /// The name used in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Deadline => "deadline",
            Self::Overloaded => "overloaded",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever made the call.
    Caller,
    /// The system behind the plugin.
    Upstream,
    /// The plugin.
    Plugin,
    /// This host.
    Host,
}

/// A call that failed.
#[derive(Debug)]
pub struct Error {
    outcome: Outcome,
    fault: Fault,
    message: String,
    subject: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Box<Failure>>,
    shared_sandbox: bool,
}

impl Error {
    fn new(outcome: Outcome, fault: Fault, message: impl Into<String>) -> Self {
        Self {
            outcome,
            fault,
            message: printable(&message.into(), TEXT_BYTES_MAX).into_owned(),
            subject: None,
            retry_after: None,
            source: None,
            shared_sandbox: false,
        }
    }

    pub(super) fn no_connector(id: &ConnectorId) -> Self {
        Self::new(
            Outcome::NotFound,
            Fault::Caller,
            format!("there is no connector `{id}`"),
        )
    }

    pub(super) fn no_role(role: Role) -> Self {
        let message = format!("the connector does not offer `{role}`");
        Self::new(Outcome::Unsupported, Fault::Caller, message)
    }

    /// No version was ever activated, or none can be loaded.
    pub(super) fn not_activated() -> Self {
        let message = "nothing is activated yet";
        Self::new(Outcome::Unavailable, Fault::Host, message)
    }

    pub(super) fn draining() -> Self {
        let message = "the host is stopping";
        Self::new(Outcome::Overloaded, Fault::Host, message).retry(OVERLOADED_RETRY)
    }

    pub(super) fn overloaded(limit: &Limit) -> Self {
        let message = limit.to_string();
        Self::new(Outcome::Overloaded, Fault::Caller, message).retry(OVERLOADED_RETRY)
    }

    /// `changes`: whether the call was to change something upstream, which
    /// may have happened while its answer was waited for.
    pub(super) fn deadline(limit: &Limit, changes: bool) -> Self {
        let message = match changes {
            true => format!("{limit}; what was asked for may have been done all the same"),
            false => limit.to_string(),
        };
        Self::new(Outcome::Deadline, Fault::Upstream, message)
    }

    pub(super) fn cancelled() -> Self {
        Self::new(Outcome::Cancelled, Fault::Caller, "the call was cancelled")
    }

    pub(super) fn contract(message: &str) -> Self {
        Self::new(Outcome::Internal, Fault::Plugin, message)
    }

    pub(super) fn lost() -> Self {
        Self::new(Outcome::Internal, Fault::Host, "the call was lost")
    }

    fn retry(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Notes that the sandbox had served other calls before.
    pub(super) fn in_shared_sandbox(mut self) -> Self {
        // Anything else is an answer, which would be the same alone.
        self.shared_sandbox = self.fault == Fault::Plugin || self.outcome == Outcome::Deadline;
        self
    }

    /// Whether the plugin may have failed for what another call has left in
    /// its sandbox. Alone it may do better.
    pub fn is_of_shared_sandbox(&self) -> bool {
        self.shared_sandbox
    }

    /// What kind of failure it is.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// What the caller may read.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What it went wrong with, when the plugin named it.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// When another try makes sense, if ever.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The cause, for the log.
    pub fn cause(&self) -> Option<&Failure> {
        self.source.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.outcome.name(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let mut error = match &failure {
            Failure::Answered(answer) => return answered(answer),
            Failure::Limit(limit) => Self::new(Outcome::Internal, Fault::Plugin, limit.to_string()),
            Failure::Trapped { .. } => {
                Self::new(Outcome::Internal, Fault::Plugin, "the plugin trapped")
            }
            Failure::Exited(status) => {
                let message = format!("the plugin exited with status {status}");
                Self::new(Outcome::Internal, Fault::Plugin, message)
            }
            Failure::Contract(rule) => {
                let message = format!("the plugin broke its contract: {rule}");
                Self::new(Outcome::Internal, Fault::Plugin, message)
            }
            Failure::NoRole(role) => Self::no_role(*role),
            Failure::Busy(limit) => Self::overloaded(limit),
            Failure::Replaced => {
                let message = "the plugin is being replaced";
                Self::new(Outcome::Overloaded, Fault::Host, message).retry(OVERLOADED_RETRY)
            }
            Failure::Exhausted => {
                let message = "every sandbox of the host is in use";
                Self::new(Outcome::Overloaded, Fault::Host, message).retry(OVERLOADED_RETRY)
            }
            Failure::Host(_) => Self::new(Outcome::Internal, Fault::Host, "the host failed"),
        };
        error.source = Some(Box::new(failure));
        error
    }
}

fn answered(answer: &types::Error) -> Error {
    use types::Error as Answer;
    let (outcome, fault, detail, after_ms) = match answer {
        Answer::Invalid(detail) => (Outcome::Invalid, Fault::Caller, detail, None),
        Answer::Unauthenticated(detail) => (Outcome::Unauthenticated, Fault::Caller, detail, None),
        Answer::Denied(detail) => (Outcome::Denied, Fault::Caller, detail, None),
        Answer::NotFound(detail) => (Outcome::NotFound, Fault::Caller, detail, None),
        Answer::Conflict(detail) => (Outcome::Conflict, Fault::Caller, detail, None),
        Answer::Unsupported(detail) => (Outcome::Unsupported, Fault::Caller, detail, None),
        Answer::Internal(detail) => (Outcome::Internal, Fault::Plugin, detail, None),
        Answer::RateLimited(delay) => (
            Outcome::RateLimited,
            Fault::Upstream,
            &delay.detail,
            delay.after_ms,
        ),
        Answer::Unavailable(delay) => (
            Outcome::Unavailable,
            Fault::Upstream,
            &delay.detail,
            delay.after_ms,
        ),
    };
    let mut error = Error::new(outcome, fault, detail.message.clone());
    let subject = detail.subject.as_deref();
    error.subject = subject.map(|subject| printable(subject, TEXT_BYTES_MAX).into_owned());
    error.retry_after = after_ms.map(Duration::from_millis);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_words_are_cut_and_stay_on_their_line() {
        let detail = types::Detail {
            message: format!("no\r\nsuch {}", "x".repeat(TEXT_BYTES_MAX)),
            subject: Some("a\nb".to_owned()),
        };
        let error = Error::from(Failure::Answered(types::Error::NotFound(detail)));
        assert!(error.message().starts_with("no\\r\\nsuch x"));
        assert!(error.message().len() < TEXT_BYTES_MAX + 8);
        assert_eq!(error.subject(), Some("a\\nb"));
    }
}
