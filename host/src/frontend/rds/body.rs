//! The JSON body that carries an operation's arguments, on GET as on DELETE.
//!
//! Checked by hand, because texts, order and leniency of the checks are the
//! contract: they are those of the validator the original connectors run on.
//! A schema is a short list of members and `userId`, a text, after them.
//! Members beyond the schema are accepted.

mod repr;
mod schema;

use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures::{Stream, TryStreamExt as _, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};

use super::problem::Refusal;
use super::user_id::UserId;
pub(super) use schema::{Filepath, Metadata, missing};

/// How much of a body is read, and how long it may take to arrive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Largest body.
    pub bytes_max: u64,
    /// From the head of the request to the end of its body.
    pub time: Duration,
}

/// A body that parsed, but has not been checked against the schema.
#[derive(Debug)]
pub(super) struct Json {
    value: Value,
    /// Who asks. Known before the schema is checked, because it decides how
    /// a refusal is told.
    pub user: UserId,
}

/// Reads the request's body.
pub(super) async fn read(request: Request, bounds: Bounds) -> Result<Json, Refusal> {
    let (head, body) = request.into_parts();
    let bytes = bytes(body, bounds).await?;
    parse(&head.headers, &bytes)
}

/// Reads the body of an operation that is specified without one, though its
/// callers send it: none is as good as one that says nothing.
pub(super) async fn read_if_any(request: Request, bounds: Bounds) -> Result<Json, Refusal> {
    let (head, body) = request.into_parts();
    let bytes = bytes(body, bounds).await?;
    if bytes.is_empty() {
        return Ok(Json {
            value: Value::Object(Map::new()),
            user: UserId::default(),
        });
    }
    parse(&head.headers, &bytes)
}

/// Reads a body of any kind that is held in memory.
pub(super) async fn bytes(body: Body, bounds: Bounds) -> Result<Bytes, Refusal> {
    tokio::time::timeout(bounds.time, collect(body, bounds.bytes_max))
        .await
        .map_err(|_| too_slow())?
}

/// The refusal of a body that does not arrive.
pub(super) fn too_slow() -> Refusal {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "The request's body did not arrive in time.",
    )
}

/// The refusal of a body that exceeds the limit `name`.
pub(super) fn too_large(name: &str, bytes_max: u64) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The data value transmitted exceeds the capacity limit: {name} is {bytes_max}."),
    )
}

/// No bytes of a body arrived for too long.
#[derive(Debug, thiserror::Error)]
#[error("the request's body stalled")]
pub(super) struct Stalled;

/// A body of any size, as long as it keeps arriving.
pub(super) fn steady(
    body: Body,
    pause_max: Duration,
) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
    let begun = (body.into_data_stream(), false);
    stream::try_unfold(begun, move |(mut bytes, go_on)| async move {
        if go_on {
            // Who reads a form takes all that is ready before it looks at any of it: one run
            // of bytes at a time, or a fast sender fills the memory.
            tokio::task::yield_now().await;
        }
        match tokio::time::timeout(pause_max, bytes.try_next()).await {
            Ok(Ok(chunk)) => Ok(chunk.map(|chunk| (chunk, (bytes, true)))),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Stalled.into()),
        }
    })
}

/// A request's media type as the caller wrote it; empty without one.
pub(super) fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn collect(body: Body, bytes_max: u64) -> Result<Bytes, Refusal> {
    let limited = Limited::new(body, usize::try_from(bytes_max).unwrap_or(usize::MAX));
    match limited.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(too_large("limits.request_body_bytes", bytes_max))
        }
        Err(_) => Err(Refusal::malformed("Request body could not be read")),
    }
}

fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Json, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::malformed("None is not of type 'object'"));
    }
    let media_type = content_type(headers);
    if !is_json(media_type) {
        return Err(Refusal::media_type(media_type, "JSON data"));
    }
    let value: Value = match serde_json::from_slice(bytes) {
        // The original cannot tell a null from a body it failed to parse.
        Ok(Value::Null) | Err(_) => {
            return Err(Refusal::malformed("Request body is not valid JSON"));
        }
        Ok(value) => value,
    };
    let user = value.get("userId").and_then(Value::as_str);
    let user = user.map(UserId::parse).unwrap_or_default();
    Ok(Json { value, user })
}

/// `application/json` or `application/<anything>+json`, any parameters.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

#[cfg(test)]
mod tests;
