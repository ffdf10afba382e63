//! `/admin/v1`: the operators' API over the catalog and the log.
//!
//! Each handler turns a request into one call of the catalog and its result
//! into JSON. The routes stand in `routes`, from which the OpenAPI document
//! is made as well: one that is not documented cannot be served.
//!
//! The admin listener must answer while guests spin, so the catalog's work is
//! done on the workers. It goes on there when the client hangs up: an
//! activation that was asked for is finished, one way or the other.

mod components;
mod connectors;
mod document;
mod events;
mod failures;
mod logs;
mod stream;

pub use failures::{Count, FailureStatus};

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use http::StatusCode;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::stream::Followers;
use super::guard::{Guard, guard};
use super::operator::Operators;
use super::problem::Failure;
use crate::catalog::{Catalog, Refusal};
use crate::persistence::{Letter, Persistence};
use crate::telemetry::journal::Journal;

/// Where the API is served.
pub const PREFIX: &str = "/admin/v1";

/// What the API is built on.
#[derive(Clone)]
pub struct Services {
    /// What is operated.
    pub catalog: Arc<Catalog>,
    /// Where messages are kept that were given up.
    pub persistence: Persistence,
    /// Sends them again.
    pub resend: Arc<dyn Resend>,
    /// Who may do so.
    pub operators: Operators,
    /// The latest log records.
    pub journal: Journal,
    /// Where the catalog works.
    pub workers: Handle,
    /// Length of the largest component that is taken.
    pub component_bytes_max: u64,
    /// Ends streams that would go on for ever.
    pub stop: CancellationToken,
}

/// Puts messages where a pipeline takes them from.
#[async_trait]
pub trait Resend: Send + Sync {
    /// Returns once the pipeline's broker has it for good; if it does not,
    /// why not.
    async fn resend(&self, pipeline: &str, letter: Letter) -> Result<(), String>;
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("operators", &self.operators)
            .finish_non_exhaustive()
    }
}

/// What the handlers share.
#[derive(Debug, Clone)]
struct Api {
    services: Services,
    followers: Followers,
}

impl Api {
    /// Lets the catalog do something.
    async fn catalog<T, F>(&self, work: impl FnOnce(Arc<Catalog>) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        let work = work(self.services.catalog.clone());
        match self.services.workers.spawn(work).await {
            Ok(result) => result.map_err(Failure::from),
            Err(error) => {
                tracing::error!("the catalog's task ended early: {error}");
                Err(Failure::internal())
            }
        }
    }
}

/// Everything below [`PREFIX`], for operators alone.
pub fn router(services: Services) -> Router {
    let authenticate = Guard::new(services.operators.clone());
    let api = Api {
        services,
        followers: Followers::default(),
    };
    let (router, _) = routes().split_for_parts();
    let router = router
        .method_not_allowed_fallback(unknown_method)
        .fallback(unknown_path)
        .with_state(api)
        .layer(from_fn_with_state(authenticate.clone(), guard));
    // What is nested does not match its own prefix with a slash.
    let slash = Router::new()
        .route(&format!("{PREFIX}/"), any(unknown_path))
        .layer(from_fn_with_state(authenticate, guard));
    Router::new().nest(PREFIX, router).merge(slash)
}

fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(document::about())
        .routes(routes!(connectors::list))
        .routes(routes!(connectors::show))
        .routes(routes!(connectors::history))
        .routes(routes!(connectors::activate))
        .routes(routes!(connectors::rollback))
        .routes(routes!(connectors::approve))
        .routes(routes!(connectors::reject))
        .routes(routes!(connectors::start_canary, connectors::end_canary))
        .routes(routes!(components::list, components::add))
        .routes(routes!(components::show))
        .routes(routes!(components::prune))
        .routes(routes!(failures::list))
        .routes(routes!(failures::retry))
        .routes(routes!(failures::purge))
        .routes(routes!(events::events))
        .routes(routes!(logs::logs))
        .routes(routes!(document::document))
}

async fn unknown_path() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "unknown-path",
        format!("nothing is served here; {PREFIX}/openapi.json lists what is"),
    )
}

async fn unknown_method() -> Failure {
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "unknown-method",
        "the path does not take this method; the header Allow lists those it takes",
    )
}

#[cfg(test)]
mod tests;
