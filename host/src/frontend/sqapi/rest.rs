//! sqAPI over HTTP: what a pipeline says of itself, the resources of its
//! plugins, and objects taken in. sqAPI contract, section 11.
//!
//! On the shared listener a pipeline answers below `/pipelines/<id>`, and the
//! only one at the root as well, where sqAPI's callers look for it; on a
//! listener of its own it has the root to itself.

mod forward;
mod health;
mod index;
mod intake;
mod plugins;
mod problem;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post, put};
use http::Uri;
use tower::ServiceExt as _;
use tower_http::cors::{Any, CorsLayer};

use self::problem::Problem;
use super::Pipeline;
use super::settings::Mode;
use crate::dispatch::ConnectorId;

/// First segments of paths that no plugin can have.
pub const RESERVED: [&str; 7] = [
    "plugins",
    "rules",
    "health",
    "docs",
    "messages",
    "objects",
    "pipelines",
];

const PREFIX: &str = "/pipelines/";

/// The pipelines that answer, replaced as a whole on reload. Clones share
/// them.
#[derive(Debug, Clone, Default)]
pub struct Pipelines(Arc<ArcSwap<BTreeMap<String, Served>>>);

#[derive(Debug)]
struct Served {
    router: Router,
    /// Whether it has a listener of its own.
    apart: bool,
}

impl Pipelines {
    /// Puts a new set in the place of the old one.
    pub fn replace<'a>(&self, pipelines: impl IntoIterator<Item = &'a Arc<Pipeline>>) {
        let served = pipelines.into_iter().map(|pipeline| {
            let served = Served {
                router: of_pipeline(pipeline.clone()),
                apart: pipeline.settings.listen.is_some(),
            };
            (pipeline.id().to_string(), served)
        });
        self.0.store(Arc::new(served.collect()));
    }

    /// Everything served on one listener: on the shared one all pipelines, on
    /// any other the `only` one.
    pub fn router(&self, only: Option<&ConnectorId>) -> Router {
        let target = Target {
            pipelines: self.clone(),
            only: only.map(ToString::to_string),
        };
        Router::new().fallback(any(lead)).with_state(target)
    }
}

#[derive(Debug, Clone)]
struct Target {
    pipelines: Pipelines,
    only: Option<String>,
}

impl Target {
    /// The pipeline, and what is left of the path.
    fn find(&self, path: &str) -> Option<(Router, String)> {
        let pipelines = self.pipelines.0.load();
        if let Some(only) = &self.only {
            return Some((pipelines.get(only)?.router.clone(), path.to_owned()));
        }
        if let Some(below) = path.strip_prefix(PREFIX) {
            return pipelines.iter().find_map(|(id, served)| {
                let rest = below.strip_prefix(id.as_str())?;
                let is_whole = rest.is_empty() || rest.starts_with('/');
                let rest = if rest.is_empty() { "/" } else { rest };
                is_whole.then(|| (served.router.clone(), rest.to_owned()))
            });
        }
        let mut shared = pipelines.values().filter(|served| !served.apart);
        match (shared.next(), shared.next()) {
            (Some(served), None) => Some((served.router.clone(), path.to_owned())),
            _ => None,
        }
    }
}

async fn lead(State(target): State<Target>, mut request: Request) -> Response {
    let Some((router, path)) = target.find(request.uri().path()) else {
        return Problem::not_found(request.uri().path()).into_response();
    };
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    match path_and_query.parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return Problem::not_found(&path_and_query).into_response(),
    }
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn of_pipeline(pipeline: Arc<Pipeline>) -> Router {
    let mut router = Router::new().route("/health", get(health::health));
    if pipeline.settings.mode != Mode::Loader {
        router = router
            .route("/", get(index::index))
            .route("/plugins", get(plugins::plugins))
            .route("/rules", get(plugins::rules))
            .route("/{plugin}", any(forward::forward))
            .route("/{plugin}/", any(forward::forward))
            .route("/{plugin}/{*path}", any(forward::forward));
    }
    if pipeline.settings.intake.enabled {
        router = router
            .route("/messages", post(intake::message))
            .route("/objects/{*path}", put(intake::object));
    }
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(Any);
    router
        .fallback(async |request: Request| Problem::not_found(request.uri().path()))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(cors)
        .with_state(pipeline)
}
