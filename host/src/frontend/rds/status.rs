//! What each outcome is on the wire.
//!
//! | outcome | status | |
//! |---|---|---|
//! | invalid | 400 | |
//! | unauthenticated | 401 | |
//! | denied | 403 | |
//! | not-found | 404 | |
//! | conflict | 409 | |
//! | unsupported | 501 | |
//! | rate-limited | 429 | with `Retry-After` |
//! | unavailable | 503 | with `Retry-After` |
//! | internal | 502 | the plugin is to the host what an upstream is to a gateway |
//! | | 500 | where the host itself failed |
//! | deadline | 504 | |
//! | overloaded | 429 | with `Retry-After`, where the connector's or tenant's share is used up |
//! | | 503 | with `Retry-After`, where the whole host is full or stopping |
//! | cancelled | 499 | the caller is gone; seen in logs alone |
//!
//! The contract specifies no error status at all, and the connector shipped
//! with it answers 500 to everything. Its callers look at no more than whether
//! a status is below 300, so the true one costs them nothing and helps whoever
//! reads the log.

use std::time::Duration;

use http::StatusCode;

use crate::dispatch::{Fault, Outcome};

/// Waiting time named when nobody gave a better one.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Not registered, but what proxies have long used for a caller that hung up.
pub(super) const CLIENT_CLOSED_REQUEST: u16 = 499;

/// The status of a failed call.
pub(super) fn of(outcome: Outcome, fault: Fault) -> StatusCode {
    let host = fault == Fault::Host;
    match outcome {
        Outcome::Invalid => StatusCode::BAD_REQUEST,
        Outcome::Unauthenticated => StatusCode::UNAUTHORIZED,
        Outcome::Denied => StatusCode::FORBIDDEN,
        Outcome::NotFound => StatusCode::NOT_FOUND,
        Outcome::Conflict => StatusCode::CONFLICT,
        Outcome::Unsupported => StatusCode::NOT_IMPLEMENTED,
        Outcome::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::Internal if host => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Internal => StatusCode::BAD_GATEWAY,
        Outcome::Deadline => StatusCode::GATEWAY_TIMEOUT,
        Outcome::Overloaded if host => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::Overloaded => StatusCode::TOO_MANY_REQUESTS,
        Outcome::Cancelled => {
            StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_REQUEST)
        }
    }
}

/// How long the caller should wait, where waiting helps.
pub(super) fn retry_after(outcome: Outcome, known: Option<Duration>) -> Option<Duration> {
    match outcome {
        Outcome::RateLimited | Outcome::Unavailable | Outcome::Overloaded => {
            Some(known.unwrap_or(RETRY_AFTER))
        }
        Outcome::Invalid
        | Outcome::Unauthenticated
        | Outcome::Denied
        | Outcome::NotFound
        | Outcome::Conflict
        | Outcome::Unsupported
        | Outcome::Internal
        | Outcome::Deadline
        | Outcome::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{of, retry_after};
    use crate::dispatch::{Fault, Outcome};

    #[test]
    fn every_outcome_has_its_status() {
        for (outcome, fault, status, waits) in [
            (Outcome::Invalid, Fault::Caller, 400, false),
            (Outcome::Unauthenticated, Fault::Caller, 401, false),
            (Outcome::Denied, Fault::Caller, 403, false),
            (Outcome::NotFound, Fault::Caller, 404, false),
            (Outcome::Conflict, Fault::Caller, 409, false),
            (Outcome::Unsupported, Fault::Caller, 501, false),
            (Outcome::RateLimited, Fault::Upstream, 429, true),
            (Outcome::Unavailable, Fault::Upstream, 503, true),
            (Outcome::Internal, Fault::Plugin, 502, false),
            (Outcome::Internal, Fault::Host, 500, false),
            (Outcome::Deadline, Fault::Upstream, 504, false),
            (Outcome::Overloaded, Fault::Caller, 429, true),
            (Outcome::Overloaded, Fault::Host, 503, true),
            (Outcome::Cancelled, Fault::Caller, 499, false),
        ] {
            assert_eq!(of(outcome, fault).as_u16(), status, "{outcome:?}");
            assert_eq!(retry_after(outcome, None).is_some(), waits, "{outcome:?}");
        }
    }
}
