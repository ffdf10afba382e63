#![doc = include_str!("rds/mapping.md")]

mod access;
mod address;
mod body;
mod form;
mod listing;
mod metadata;
mod openapi;
mod probes;
mod problem;
mod reply;
mod routes;
mod spool;
mod status;
mod storage;
mod user_id;

pub use routes::{Conflict, Options, Route, Routes, default_host};
pub use spool::Spool;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, patch};
use tower::Layer as _;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::dispatch::{ConnectorId, Dispatcher};
use address::{Addresses, Target};
use metadata::{files, ids, project};
use problem::Refusal;
use storage::{file, folder, upload};

/// Renders the figures of one connector in Prometheus' text format; without a
/// connector, those of the process alone.
pub type Metrics = Arc<dyn Fn(Option<&ConnectorId>) -> String + Send + Sync>;

/// Says whether one connector, or without one the whole host, can serve; if
/// not, why not, in public words.
pub type Readiness = Arc<dyn Fn(Option<&ConnectorId>) -> Result<(), String> + Send + Sync>;

/// What bounds the frontend, whatever the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Files in one listing.
    pub listing_entries: usize,
    /// Bytes of the names in one listing, which is held in memory.
    pub listing_bytes: usize,
    /// Time for a JSON body to arrive, and the longest pause in an upload.
    pub body_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            listing_entries: 100_000,
            listing_bytes: 16 << 20,
            body_time: Duration::from_secs(30),
        }
    }
}

/// What the frontend is built on. Clones share it.
#[derive(Clone)]
pub struct Services {
    /// The door to the connectors.
    pub dispatcher: Arc<Dispatcher>,
    /// Which connector answers where.
    pub routes: Routes,
    /// What bounds a request.
    pub limits: Limits,
    /// Where uploads wait.
    pub spool: Spool,
    /// Answers `/metrics`.
    pub metrics: Metrics,
    /// Answers `/health/ready`.
    pub readiness: Readiness,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("routes", &self.routes)
            .field("limits", &self.limits)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

impl Services {
    fn bounds(&self, target: &Target) -> body::Bounds {
        body::Bounds {
            bytes_max: target.options().request_body_bytes,
            time: self.limits.body_time,
        }
    }
}

/// Everything served on one listener: on the shared one all connectors, on
/// any other the `only` one.
pub fn router(services: Services, only: Option<&ConnectorId>) -> Router {
    let addresses = Addresses {
        routes: services.routes.clone(),
        only: only.map(ToString::to_string),
    };
    // The connector is taken out of the path before the path is matched, and
    // then the ids are each put into one segment.
    let paths = from_fn(ids::fold).layer(paths(services));
    let resolved = from_fn_with_state(addresses, address::resolve).layer(paths);
    Router::new()
        .fallback_service(resolved)
        .layer(cross_origin())
        .layer(from_fn(access::log))
}

fn paths(services: Services) -> Router {
    storage_paths()
        .merge(metadata_paths())
        .merge(described_paths())
        .method_not_allowed_fallback(async || Refusal::method_unknown())
        .fallback(async || Refusal::path_unknown())
        .with_state(services)
}

/// Files and listings go out as they are, like those of the original.
fn storage_paths() -> Router<Services> {
    Router::new()
        .route(
            "/storage/file",
            get(file::read)
                .post(upload::write)
                .patch(file::update)
                .delete(file::delete),
        )
        .route("/storage/folder", get(folder::list))
}

/// Everything is compressed, like the original's, but the bytes of files.
fn metadata_paths() -> Router<Services> {
    let compressed = Router::new()
        .route(
            "/metadata/project",
            get(project::list).post(project::create),
        )
        .route(
            "/metadata/project/{project}",
            get(project::get)
                .patch(project::update)
                .put(project::publish)
                .delete(project::delete),
        )
        .route(
            "/metadata/project/{project}/files",
            get(files::list)
                .post(metadata::upload::add)
                .delete(files::delete_all),
        )
        .layer(CompressionLayer::new());
    Router::new().merge(compressed).route(
        "/metadata/project/{project}/files/{file}",
        patch(files::update)
            .delete(files::delete)
            .layer(CompressionLayer::new())
            .get(files::read),
    )
}

fn described_paths() -> Router<Services> {
    Router::new()
        .route("/storage/openapi.json", get(openapi::storage))
        .route("/metadata/openapi.json", get(openapi::metadata))
        .route("/metrics", get(probes::metrics))
        .route("/health/live", get(probes::live))
        .route("/health/ready", get(probes::ready))
        .layer(CompressionLayer::new())
}

/// Any origin may call, as with the original; no cookie ever decides anything.
fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([access::REQUEST_ID])
}

#[cfg(test)]
mod tests;
