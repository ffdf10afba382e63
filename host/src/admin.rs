//! What operators, orchestrators and scrapers ask of the host.
//!
//! Health and metrics are open to whoever reaches the listener; the API below
//! [`v1::PREFIX`] is for operators, who prove themselves with a token.
//!
//! Served on a thread of its own, so that a guest which spins on every worker
//! cannot make the host look dead.

mod extract;
mod guard;
mod operator;
mod problem;
pub mod v1;

pub use operator::{Operator, Operators, TokenHash, TokenHashError};
pub use problem::Problem;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::telemetry::metrics::Metrics;

/// The media type of Prometheus' text format.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the host says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether the host is about to stop.
    pub draining: bool,
    /// Every connector's id, and why it is not ready, if it is not.
    pub connectors: Vec<(String, Option<String>)>,
}

/// What the routes are built on.
#[derive(Clone)]
pub struct Services {
    /// Every series.
    pub metrics: Metrics,
    /// Asked for on each probe of readiness.
    pub status: Arc<dyn Fn() -> Status + Send + Sync>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// Health and metrics.
pub fn router(services: Services) -> Router {
    Router::new()
        .route(
            "/health/live",
            get(async || Json(json!({ "status": "live" }))),
        )
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(services)
}

/// The host is ready until it drains. A connector whose system is down says so
/// here, but takes no other connector out of service.
async fn ready(State(services): State<Services>) -> Response {
    let status = (services.status)();
    let connectors: serde_json::Map<_, _> = status
        .connectors
        .into_iter()
        .map(|(id, reason)| {
            let status = match reason {
                None => json!({ "status": "ready" }),
                Some(reason) => json!({ "status": "not-ready", "reason": reason }),
            };
            (id, status)
        })
        .collect();
    let (code, word) = if status.draining {
        (StatusCode::SERVICE_UNAVAILABLE, "draining")
    } else {
        (StatusCode::OK, "ready")
    };
    (
        code,
        Json(json!({ "status": word, "connectors": connectors })),
    )
        .into_response()
}

async fn metrics(State(services): State<Services>) -> impl IntoResponse {
    ([(CONTENT_TYPE, METRICS_TYPE)], services.metrics.render())
}

#[cfg(test)]
mod tests;
