//! Messages of sqAPI pipelines that were given up.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Api;
use super::document::{AnyTime, OfBody, OfChange, OfQuery};
use crate::admin::extract::{Command, Query};
use crate::admin::problem;
use crate::catalog::Actor;
use crate::dispatch::ConnectorId;
use crate::persistence::{self, Failed, Failure, Letter, NewEvent, Persistence};

/// Failures in one answer, and messages sent again in one go.
const MAX: u32 = 1000;
/// Longest body that is shown, in bytes.
const BODY_BYTES_MAX: usize = 16 << 10;

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureStatus {
    /// Names it, in the order they failed.
    pub id: String,
    /// Whose it was.
    pub pipeline: String,
    /// The object it is about, where that could be told.
    pub uuid: Option<String>,
    /// The outcome's name, such as `invalid`.
    pub kind: String,
    /// What went wrong.
    pub reason: String,
    /// The processors that failed.
    pub plugins: Vec<String>,
    /// Tries before the last one.
    pub attempt: u32,
    /// What was sent, its first 16 KiB as text.
    pub body: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// Which failures are meant: all that fit everything that is said.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// Only this pipeline's.
    pipeline: Option<String>,
    /// Only those about this object.
    uuid: Option<String>,
    /// Only this processor's: what others have to do with them stays.
    processor: Option<String>,
    /// Only those that failed longer ago; milliseconds.
    older_than_ms: Option<u64>,
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// How many.
    pub messages: u64,
}

impl Chosen {
    fn failed(&self) -> Failed {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let before = self.older_than_ms.map(|age| {
            let at = now
                .unwrap_or_default()
                .saturating_sub(Duration::from_millis(age));
            i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
        });
        Failed {
            pipeline: self.pipeline.clone(),
            uuid: self.uuid.clone(),
            after: None,
            before,
            plugin: self.processor.clone(),
        }
    }
}

/// Messages that were given up
///
/// The oldest first, a thousand at most; the next follow after the last one.
#[utoipa::path(
    get, path = "/sqapi/failures", tag = "messages",
    params(
        ("pipeline" = Option<String>, Query, description = "Only this pipeline's."),
        ("uuid" = Option<String>, Query, description = "Only those about this object."),
        ("processor" = Option<String>, Query, description = "Only this processor's."),
        ("after" = Option<String>, Query, description = "Only those after this one, by its id."),
    ),
    responses((status = 200, description = "Oldest first.", body = Vec<FailureStatus>), OfQuery, AnyTime)
)]
pub(super) async fn list(
    State(api): State<Api>,
    mut query: Query,
) -> Result<Json<Vec<FailureStatus>>, problem::Failure> {
    let pipeline = query.take::<ConnectorId>("pipeline", "`name` or `tenant/name`")?;
    let failed = Failed {
        pipeline: pipeline.map(|id| id.to_string()),
        uuid: query.take("uuid", "a text")?,
        after: query.take("after", "the id of a failure")?,
        before: None,
        plugin: query.take("processor", "a processor's name")?,
    };
    query.finish()?;
    let failures = api.services.persistence.failures(&failed, MAX).await;
    let failures = failures.map_err(unreachable)?;
    Ok(Json(failures.into_iter().map(status).collect()))
}

/// Sends messages again
///
/// A thousand at most, the oldest first. Where only some processors failed,
/// only those see a message again.
#[utoipa::path(
    post, path = "/sqapi/failures/retry", tag = "messages",
    request_body = Chosen,
    responses((status = 200, description = "How many were sent.", body = Count), OfChange, OfBody, AnyTime)
)]
pub(super) async fn retry(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Command(chosen): Command<Chosen>,
) -> Result<Json<Count>, problem::Failure> {
    let persistence = &api.services.persistence;
    let failures = persistence.failures(&chosen.failed(), MAX).await;
    let mut messages = 0;
    for failure in failures.map_err(unreachable)? {
        let processor = chosen.processor.as_deref();
        let letter = letter(&failure, processor);
        let sent = api.services.resend.resend(&failure.pipeline, letter).await;
        sent.map_err(|why| {
            let detail = format!("after {messages} messages: {}: {why}", failure.pipeline);
            problem::Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not-sent", detail)
        })?;
        // Sent first: one that is sent twice is done twice, one that is
        // forgotten first may be lost.
        let forgotten = persistence.forget_failure(&failure, processor).await;
        forgotten.map_err(unreachable)?;
        messages += 1;
    }
    note(&api, &operator, "sqapi-retried", messages).await?;
    Ok(Json(Count { messages }))
}

/// Forgets messages that were given up
#[utoipa::path(
    post, path = "/sqapi/failures/purge", tag = "messages",
    request_body = Chosen,
    responses((status = 200, description = "How many were forgotten.", body = Count), OfChange, OfBody, AnyTime)
)]
pub(super) async fn purge(
    State(api): State<Api>,
    Extension(operator): Extension<Actor>,
    Command(chosen): Command<Chosen>,
) -> Result<Json<Count>, problem::Failure> {
    let purged = forget(&api.services.persistence, &chosen).await;
    let messages = purged.map_err(unreachable)?;
    note(&api, &operator, "sqapi-purged", messages).await?;
    Ok(Json(Count { messages }))
}

async fn forget(persistence: &Persistence, chosen: &Chosen) -> persistence::Result<u64> {
    let failed = chosen.failed();
    let Some(processor) = chosen.processor.as_deref() else {
        return persistence.purge_failures(&failed).await;
    };
    let mut messages = 0;
    loop {
        let failures = persistence.failures(&failed, MAX).await?;
        if failures.is_empty() {
            return Ok(messages);
        }
        for failure in failures {
            let forgotten = persistence
                .forget_failure(&failure, Some(processor))
                .await?;
            messages += u64::from(forgotten);
        }
    }
}

/// What is sent again: for one processor, or for all that have not done it.
fn letter(failure: &Failure, processor: Option<&str>) -> Letter {
    let letter = failure.letter.clone();
    let only = processor.or(match failure.plugins.as_slice() {
        [] => Some(failure.letter.only.as_str()),
        [only] => Some(only.as_str()),
        _ => None,
    });
    match only {
        Some(only) => Letter {
            only: only.to_owned(),
            attempt: 0,
            ..letter
        },
        // Each by a message of its own would write what became of it over
        // what became of the others. A message that was tried before leaves
        // out who has done it.
        None => Letter {
            only: String::new(),
            attempt: 1,
            ..letter
        },
    }
}

fn status(failure: Failure) -> FailureStatus {
    let body = &failure.letter.body;
    let body = body.get(..BODY_BYTES_MAX).unwrap_or(body);
    FailureStatus {
        body: String::from_utf8_lossy(body).into_owned(),
        id: failure.id,
        pipeline: failure.pipeline,
        uuid: failure.uuid,
        kind: failure.kind,
        reason: failure.reason,
        plugins: failure.plugins,
        attempt: failure.letter.attempt,
        at: failure.at,
    }
}

async fn note(
    api: &Api,
    operator: &Actor,
    action: &str,
    messages: u64,
) -> Result<(), problem::Failure> {
    if messages == 0 {
        return Ok(());
    }
    let event = NewEvent {
        actor: operator.as_str(),
        action,
        connector: None,
        digest: None,
        detail: json!({ "messages": messages }),
    };
    let noted = api.services.persistence.note(event).await;
    noted.map(drop).map_err(unreachable)
}

fn unreachable(error: persistence::Error) -> problem::Failure {
    crate::catalog::Refusal::from(error).into()
}
