//! Between the generated error and ours.

use std::time::Duration;

use super::bindings::connector::types::{Delay, Detail, Error as WitError};
use crate::{Error, Kind};

impl From<WitError> for Error {
    fn from(error: WitError) -> Self {
        let (kind, detail, after_ms) = match error {
            WitError::Invalid(detail) => (Kind::Invalid, detail, None),
            WitError::Unauthenticated(detail) => (Kind::Unauthenticated, detail, None),
            WitError::Denied(detail) => (Kind::Denied, detail, None),
            WitError::NotFound(detail) => (Kind::NotFound, detail, None),
            WitError::Conflict(detail) => (Kind::Conflict, detail, None),
            WitError::Unsupported(detail) => (Kind::Unsupported, detail, None),
            WitError::RateLimited(delay) => (Kind::RateLimited, delay.detail, delay.after_ms),
            WitError::Unavailable(delay) => (Kind::Unavailable, delay.detail, delay.after_ms),
            WitError::Internal(detail) => (Kind::Internal, detail, None),
        };
        let error = Self::new(kind, detail.message).after(after_ms.map(Duration::from_millis));
        match detail.subject {
            Some(subject) => error.about(subject),
            None => error,
        }
    }
}

impl From<Error> for WitError {
    fn from(error: Error) -> Self {
        let detail = Detail {
            message: error.message().to_owned(),
            subject: error.subject().map(str::to_owned),
        };
        let after_ms = error
            .retry_after()
            .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        match error.kind() {
            Kind::Invalid => Self::Invalid(detail),
            Kind::Unauthenticated => Self::Unauthenticated(detail),
            Kind::Denied => Self::Denied(detail),
            Kind::NotFound => Self::NotFound(detail),
            Kind::Conflict => Self::Conflict(detail),
            Kind::Unsupported => Self::Unsupported(detail),
            Kind::RateLimited => Self::RateLimited(Delay { detail, after_ms }),
            Kind::Unavailable => Self::Unavailable(Delay { detail, after_ms }),
            Kind::Internal => Self::Internal(detail),
        }
    }
}
