//! What a failure means for the message it happened to.

use std::time::Duration;

use crate::dispatch::{self, Outcome};

/// Whether another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Never: `FAILED`, and a dead letter.
    Final,
    /// It may: `RETRY` with back-off, counted.
    Again,
    /// It was none: later, uncounted.
    Later,
}

/// Why a message, or one processor's work on it, did not get on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) outcome: Outcome,
    /// For the column `info`. Holds no secret.
    pub(super) info: String,
    /// When another try makes sense, if that is known.
    pub(super) after: Option<Duration>,
}

impl Trouble {
    pub(super) fn new(outcome: Outcome, info: impl Into<String>) -> Self {
        Self {
            outcome,
            info: info.into(),
            after: None,
        }
    }

    pub(super) fn fate(&self) -> Fate {
        fate(self.outcome)
    }
}

impl From<dispatch::Error> for Trouble {
    fn from(error: dispatch::Error) -> Self {
        let info = match error.subject() {
            Some(subject) => format!("{}: {subject}", error.message()),
            None => error.message().to_owned(),
        };
        Self {
            outcome: error.outcome(),
            info,
            after: error.retry_after(),
        }
    }
}

fn fate(outcome: Outcome) -> Fate {
    match outcome {
        Outcome::Invalid
        | Outcome::Unauthenticated
        | Outcome::Denied
        | Outcome::Conflict
        | Outcome::Unsupported => Fate::Final,
        Outcome::NotFound
        | Outcome::RateLimited
        | Outcome::Unavailable
        | Outcome::Internal
        | Outcome::Deadline => Fate::Again,
        Outcome::Overloaded | Outcome::Cancelled => Fate::Later,
    }
}
