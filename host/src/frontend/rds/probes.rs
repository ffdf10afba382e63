//! `/metrics` and `/health`: what probes and scrapers ask for.
//!
//! The charts of the original connectors probe `/metrics`, at the pod's own
//! address, so it answers without a connector as well.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::Services;
use super::address::Target;

/// The media type of Prometheus' text format.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The figures of the addressed connector, or of the process alone.
pub(crate) async fn metrics(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
) -> impl IntoResponse {
    let connector = target.route.as_ref().map(|route| &route.connector);
    (
        [(CONTENT_TYPE, METRICS_TYPE)],
        (services.metrics)(connector),
    )
}

/// Whether the process answers.
pub(crate) async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// Whether the addressed connector can serve, or the host as a whole.
pub(crate) async fn ready(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
) -> Response {
    let connector = target.route.as_ref().map(|route| &route.connector);
    match (services.readiness)(connector) {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "not-ready", "reason": reason })),
        )
            .into_response(),
    }
}
