//! The components that were admitted.

use axum::extract::{Request, State};
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Api;
use super::document::{AnyTime, OfBody, OfChange, OfPath};
use crate::admin::extract::{self, Component, JSON_TYPE};
use crate::admin::problem::Failure;
use crate::catalog::{Actor, ComponentStatus};
use crate::persistence::Pruned;

/// The media type of components.
const COMPONENT_TYPE: &str = "application/wasm";

/// An artifact in a registry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Artifact {
    /// `<registry>/<repository>:<tag>`, or with `@sha256:<digest>`.
    #[schema(examples("registry.example.org/plugins/shelf:1.2.0"))]
    reference: String,
}

/// All components
#[utoipa::path(
    get, path = "/components", tag = "components",
    responses((status = 200, description = "Latest first.", body = Vec<ComponentStatus>), AnyTime)
)]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<ComponentStatus>>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.components().await });
    work.await.map(Json)
}

/// One component
#[utoipa::path(
    get, path = "/components/{digest}", tag = "components",
    params(("digest" = String, Path, description = "`sha256:<digest>`.")),
    responses((status = 200, description = "The component.", body = ComponentStatus), OfPath, AnyTime)
)]
pub(super) async fn show(
    State(api): State<Api>,
    Component(digest): Component,
) -> Result<Json<ComponentStatus>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.component(&digest).await });
    work.await.map(Json)
}

/// Admits a component
///
/// Either its bytes, or the reference of an artifact that is fetched first. It
/// is checked, compiled and asked what it is; nothing runs it yet.
#[utoipa::path(
    post, path = "/components", tag = "components",
    request_body(content(
        (Vec<u8> = "application/wasm"),
        (Artifact = "application/json"),
    )),
    responses((status = 200, description = "What was admitted, now or before.", body = ComponentStatus), OfChange, OfBody, AnyTime)
)]
pub(super) async fn add(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    request: Request,
) -> Result<Json<ComponentStatus>, Failure> {
    let (parts, body) = request.into_parts();
    match &*extract::media_type(&parts.headers) {
        COMPONENT_TYPE => {
            let bytes = extract::whole(body, api.services.component_bytes_max).await?;
            let work = api.catalog(|catalog| async move { catalog.upload(bytes, &operator).await });
            work.await.map(Json)
        }
        JSON_TYPE => {
            let Artifact { reference } = extract::json(body).await?;
            let work =
                api.catalog(|catalog| async move { catalog.fetch(&reference, &operator).await });
            work.await.map(Json)
        }
        found => {
            let expected = format!("{COMPONENT_TYPE} or {JSON_TYPE}");
            Err(extract::unsupported(found, &expected))
        }
    }
}

/// Removes what retention no longer holds
///
/// What a connector runs, tries out or waits for always stays.
#[utoipa::path(
    post, path = "/prune", tag = "components",
    responses((status = 200, description = "What was removed.", body = Pruned), OfChange, AnyTime)
)]
pub(super) async fn prune(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
) -> Result<Json<Pruned>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.prune(&operator).await });
    work.await.map(Json)
}
