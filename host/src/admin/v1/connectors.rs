//! What connectors run, and changes to it.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Api;
use super::document::{AnyTime, OfBody, OfChange, OfPath};
use crate::admin::extract::{Command, Connector, MaybeCommand, Query};
use crate::admin::problem::Failure;
use crate::catalog::{Actor, Change, ConnectorStatus, Options, PastStatus, Wanted};
use crate::digest::Digest;
use crate::dispatch::canary;

type Changed = Result<Json<Change>, Failure>;

/// What a connector is to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Activation {
    /// `sha256:<digest>` or `<name>@<version>` of an admitted component, or
    /// `oci://<registry>/<repository>:<tag>`, fetched and admitted first.
    #[schema(examples("shelf@1.2.0"))]
    component: String,
    /// Activates it even though it wants more than the version it replaces.
    #[serde(default)]
    approve: bool,
}

/// Where to go back to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    /// The digest of an earlier version; the one before when left out.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    to: Option<String>,
}

/// Which upgrade is decided on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// The digest of the upgrade whose difference was looked at. If another is
    /// pending by now, nothing happens; whichever it is when left out.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: Option<String>,
}

/// What is to be tried out, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trial {
    /// As for an activation.
    component: String,
    /// How it is judged.
    #[serde(default)]
    rules: canary::Rules,
}

/// All connectors
///
/// What each runs, and whether the system behind it can be reached.
#[utoipa::path(
    get, path = "/connectors", tag = "connectors",
    responses((status = 200, description = "By id.", body = Vec<ConnectorStatus>), AnyTime)
)]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<ConnectorStatus>>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.connectors().await });
    work.await.map(Json)
}

/// One connector
#[utoipa::path(
    get, path = "/connectors/{id}", tag = "connectors",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    responses((status = 200, description = "The connector.", body = ConnectorStatus), OfPath, AnyTime)
)]
pub(super) async fn show(
    State(api): State<Api>,
    Connector(id): Connector,
) -> Result<Json<ConnectorStatus>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.connector(&id).await });
    work.await.map(Json)
}

/// What a connector ran
#[utoipa::path(
    get, path = "/connectors/{id}/history", tag = "connectors",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    responses((status = 200, description = "Latest first.", body = Vec<PastStatus>), OfPath, AnyTime)
)]
pub(super) async fn history(
    State(api): State<Api>,
    Connector(id): Connector,
) -> Result<Json<Vec<PastStatus>>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.history(&id).await });
    work.await.map(Json)
}

/// Runs another version
///
/// One that wants more than the version it replaces is held pending, with the
/// difference in the answer, unless `approve` is set. Whatever goes wrong, the
/// running version stays.
#[utoipa::path(
    post, path = "/connectors/{id}/activate", tag = "changes",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    request_body = Activation,
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfBody, OfPath, AnyTime)
)]
pub(super) async fn activate(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    Command(Activation { component, approve }): Command<Activation>,
) -> Changed {
    let wanted = wanted(&component)?;
    let options = Options { approve };
    let work = api
        .catalog(|catalog| async move { catalog.activate(&id, &wanted, options, &operator).await });
    work.await.map(Json)
}

/// Runs an earlier version again
#[utoipa::path(
    post, path = "/connectors/{id}/rollback", tag = "changes",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    request_body = Option<Rollback>,
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfBody, OfPath, AnyTime)
)]
pub(super) async fn rollback(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    MaybeCommand(Rollback { to }): MaybeCommand<Rollback>,
) -> Changed {
    let to = digest("to", to)?;
    let work =
        api.catalog(|catalog| async move { catalog.rollback(&id, to.as_ref(), &operator).await });
    work.await.map(Json)
}

/// Runs the version that is pending
#[utoipa::path(
    post, path = "/connectors/{id}/approve", tag = "changes",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    request_body = Option<Decision>,
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfBody, OfPath, AnyTime)
)]
pub(super) async fn approve(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    MaybeCommand(Decision { digest: seen }): MaybeCommand<Decision>,
) -> Changed {
    let seen = digest("digest", seen)?;
    let work =
        api.catalog(|catalog| async move { catalog.approve(&id, seen.as_ref(), &operator).await });
    work.await.map(Json)
}

/// Gives up the version that is pending
#[utoipa::path(
    post, path = "/connectors/{id}/reject", tag = "changes",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    request_body = Option<Decision>,
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfBody, OfPath, AnyTime)
)]
pub(super) async fn reject(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    MaybeCommand(Decision { digest: seen }): MaybeCommand<Decision>,
) -> Changed {
    let seen = digest("digest", seen)?;
    let work =
        api.catalog(|catalog| async move { catalog.reject(&id, seen.as_ref(), &operator).await });
    work.await.map(Json)
}

/// Tries a version out
///
/// It serves some of the calls, and is promoted or rolled back by what becomes
/// of them.
#[utoipa::path(
    post, path = "/connectors/{id}/canary", tag = "changes",
    params(("id" = String, Path, description = "`name`, or `tenant%2Fname`.")),
    request_body = Trial,
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfBody, OfPath, AnyTime)
)]
pub(super) async fn start_canary(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    Command(Trial { component, rules }): Command<Trial>,
) -> Changed {
    let wanted = wanted(&component)?;
    let problems = rules.problems();
    if !problems.is_empty() {
        return Err(Failure::malformed(format!(
            "rules: {}",
            problems.join("; ")
        )));
    }
    let work =
        api.catalog(
            |catalog| async move { catalog.start_canary(&id, &wanted, rules, &operator).await },
        );
    work.await.map(Json)
}

/// Ends a trial, before it is decided
#[utoipa::path(
    delete, path = "/connectors/{id}/canary", tag = "changes",
    params(
        ("id" = String, Path, description = "`name`, or `tenant%2Fname`."),
        ("promote" = bool, Query, description = "Whether it is to run from now on, or is given up."),
    ),
    responses((status = 200, description = "What became of it.", body = Change), OfChange, OfPath, AnyTime)
)]
pub(super) async fn end_canary(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Connector(id): Connector,
    mut query: Query,
) -> Changed {
    let promote = query.take("promote", "true or false")?;
    query.finish()?;
    let promote = promote.ok_or_else(|| Failure::malformed("promote: missing, true or false"))?;
    let work =
        api.catalog(|catalog| async move { catalog.end_canary(&id, promote, &operator).await });
    work.await.map(Json)
}

fn wanted(component: &str) -> Result<Wanted, Failure> {
    let parsed = component.parse();
    parsed.map_err(|error| Failure::malformed(format!("component: {error}")))
}

fn digest(field: &str, text: Option<String>) -> Result<Option<Digest>, Failure> {
    let digest = text.map(|text| text.parse()).transpose();
    digest.map_err(|error| Failure::malformed(format!("{field}: {error}")))
}
