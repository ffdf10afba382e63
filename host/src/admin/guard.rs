//! What every request to the API passes: it is named, its operator is found
//! out, and what came of it is logged.
//!
//! Tokens have more randomness than anybody can try, so a wrong one never
//! shuts out the right ones. What wrong ones may do is bounded instead: past a
//! rate they are refused unheard by the log.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use uuid::Uuid;

use super::operator::Operators;
use super::problem::{self, Failure};
use crate::catalog::Actor;

/// Carries a request's name in both directions.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest name taken from a caller. It goes into every log line.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// Wrong tokens in a second, all callers together: more than anybody mistypes.
const FAILURES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN;
/// Wrong tokens at once.
const FAILURES_BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();

const CHALLENGE: &str = r#"Bearer realm="tenon""#;
const CHALLENGE_AGAIN: &str = r#"Bearer realm="tenon", error="invalid_token""#;

const NO_OPERATOR: &str = "no operator is configured: make a token with `tenon token new`, add the \
    [[admin.operators]] it prints to host.toml, and send the token as `Authorization: Bearer <token>`";
const NO_TOKEN: &str = "send an operator's token as `Authorization: Bearer <token>`";
const WRONG_TOKEN: &str = "the token is no operator's; host.toml names them in [[admin.operators]]";
const TOO_MANY: &str = "too many wrong tokens; correct it before you try again";

/// Lets operators in.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    operators: Operators,
    failures: Arc<Failures>,
}

#[derive(Debug)]
struct Failures {
    rate: DefaultDirectRateLimiter,
    /// Refused past the rate since the last one that was logged.
    unlogged: AtomicU64,
}

impl Guard {
    pub(super) fn new(operators: Operators) -> Self {
        let quota = Quota::per_second(FAILURES_PER_SECOND).allow_burst(FAILURES_BURST);
        Self {
            operators,
            failures: Arc::new(Failures {
                rate: RateLimiter::direct(quota),
                unlogged: AtomicU64::new(0),
            }),
        }
    }

    fn authenticate(&self, request: &Request, request_id: &str) -> Result<Actor, Failure> {
        if self.operators.is_empty() {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "no-operator",
                NO_OPERATOR,
            ));
        }
        let unauthenticated =
            |detail| Failure::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail);
        let Some(token) = bearer(request.headers()) else {
            return Err(unauthenticated(NO_TOKEN).with_challenge(CHALLENGE));
        };
        if let Some(operator) = self.operators.find(token) {
            return Ok(operator);
        }
        if let Err(early) = self.failures.rate.check() {
            self.failures.unlogged.fetch_add(1, Ordering::Relaxed);
            let wait = early.wait_time_from(DefaultClock::default().now());
            return Err(
                Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", TOO_MANY)
                    .after(wait.as_secs() + 1),
            );
        }
        let unlogged = self.failures.unlogged.swap(0, Ordering::Relaxed);
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.to_string());
        tracing::warn!(
            peer,
            request_id,
            unlogged,
            "an operator's request came with a wrong token"
        );
        Err(unauthenticated(WRONG_TOKEN).with_challenge(CHALLENGE_AGAIN))
    }
}

/// Wraps the whole API, the paths that it does not know among them.
pub(super) async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let request_id = request_id(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let (mut response, operator) = match guard.authenticate(&request, &request_id) {
        Ok(operator) => {
            request.extensions_mut().insert(operator.clone());
            (next.run(request).await, Some(operator))
        }
        Err(failure) => (failure.into_response(), None),
    };
    let code = problem::name(&mut response, &request_id);
    if let Ok(id) = HeaderValue::try_from(&request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    let duration_ms = began.elapsed().as_millis();
    match operator {
        // What changes something is told at the usual level.
        Some(operator) if method != Method::GET => {
            let operator = operator.as_str();
            tracing::info!(
                operator, %method, path, status, code, duration_ms, request_id,
                "operator's request answered"
            );
        }
        operator => {
            let operator = operator.as_ref().map(Actor::as_str);
            tracing::debug!(
                operator, %method, path, status, code, duration_ms, request_id,
                "operator's request answered"
            );
        }
    }
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let given = given.filter(|id| {
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic())
    });
    given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
