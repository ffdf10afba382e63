//! Messages and whole objects, taken in over HTTP. What is answered with 202
//! is in the broker's keeping.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::problem::Problem;
use crate::dispatch::{Aborted, Call, Upload, file_store};
use crate::frontend::sqapi::Pipeline;
use crate::frontend::sqapi::broker::{Message, Origin};
use crate::frontend::sqapi::message;
use crate::frontend::sqapi::settings::Parser;

/// What became of it.
#[derive(Debug, Serialize)]
pub(super) struct Accepted {
    uuid: String,
    data_location: Option<String>,
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self)).into_response()
    }
}

/// What a caller may say of an object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// Its identity; a new one where none is given.
    uuid: Option<String>,
}

/// A message as the broker would deliver it.
pub(super) async fn message(
    State(pipeline): State<Arc<Pipeline>>,
    request: Request,
) -> Result<Accepted, Problem> {
    allow(&pipeline, request.headers())?;
    let max = pipeline.settings.limits.message_bytes;
    let body = to_bytes(
        request.into_body(),
        usize::try_from(max).unwrap_or(usize::MAX),
    )
    .await;
    let body = body.map_err(|_| too_large("message_bytes", max))?;
    let read = message::read(&pipeline.settings.parsing, &body);
    let read = read.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.reason))?;
    publish(&pipeline, body).await?;
    Ok(Accepted {
        uuid: read.uuid,
        data_location: read.data_location,
    })
}

/// An object: it goes to the data store, and a message about it follows.
pub(super) async fn object(
    State(pipeline): State<Arc<Pipeline>>,
    Path(path): Path<String>,
    Query(named): Query<Named>,
    request: Request,
) -> Result<Accepted, Problem> {
    allow(&pipeline, request.headers())?;
    let media_type = request.headers().get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.map(str::to_owned).or_else(|| {
        let guessed = mime_guess::from_path(&path).first_raw();
        guessed.map(str::to_owned)
    });
    let size = request.body().size_hint().exact();
    let max = pipeline.settings.limits.data_bytes;
    if size.is_some_and(|size| size > max) {
        return Err(too_large("data_bytes", max));
    }
    let write = file_store::Write {
        path: path.clone(),
        size,
        content: upload(request.into_body(), max),
    };
    let uuid = named.uuid.unwrap_or_else(|| Uuid::now_v7().to_string());
    let request_id = Uuid::now_v7().to_string();
    let call = Call::of_host(pipeline.settings.data_store.clone(), request_id);
    let stored = pipeline.dispatcher.call(call, write).await?;
    let body = about(&pipeline, &uuid, &path, media_type, stored.size)?;
    publish(&pipeline, body.into()).await?;
    Ok(Accepted {
        uuid,
        data_location: Some(path),
    })
}

fn allow(pipeline: &Pipeline, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = &pipeline.settings.intake.token else {
        return Ok(());
    };
    let came = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    let came = came.and_then(|value| value.strip_prefix(b"Bearer "));
    let is_it = came.is_some_and(|came| came.ct_eq(token.expose_secret().as_bytes()).into());
    match is_it {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "the pipeline's intake asks for its token, as `Authorization: Bearer`",
        )),
    }
}

fn too_large(limit: &str, max: u64) -> Problem {
    let details = format!("limit `{limit}` ({max} bytes) exceeded");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, details)
}

/// Breaks off where more comes than may.
fn upload(body: Body, max: u64) -> Upload {
    let mut left = max;
    Upload::new(body.into_data_stream().map(move |chunk| {
        let chunk: Bytes = chunk.map_err(|error| Aborted::new(error.to_string()))?;
        let rest = left.checked_sub(chunk.len() as u64);
        left = rest.ok_or_else(|| Aborted::new("limit `data_bytes` exceeded"))?;
        Ok(chunk)
    }))
}

/// A message about an object, with its fields where this pipeline has them.
fn about(
    pipeline: &Pipeline,
    uuid: &str,
    path: &str,
    media_type: Option<String>,
    size: Option<u64>,
) -> Result<String, Problem> {
    let fields = &pipeline.settings.parsing.fields;
    let metadata = json!({ "name": path, "size": size }).to_string();
    let values = [
        (&fields.uuid.key, Value::from(uuid)),
        (&fields.media_type.key, media_type.into()),
        (&fields.metadata.key, metadata.into()),
        (&fields.data_location.key, path.into()),
        (&fields.meta_location.key, uuid.into()),
    ];
    let object: Map<String, Value> = values
        .into_iter()
        .map(|(key, value)| (key.clone(), value))
        .collect();
    match &pipeline.settings.parsing.parser {
        Parser::Json => Ok(Value::Object(object).to_string()),
        Parser::Delimited { format, delimiter } => {
            let part = |key: &String| object.get(key).and_then(Value::as_str).unwrap_or_default();
            let parts: Vec<_> = format.iter().map(part).collect();
            match parts.iter().any(|part| part.contains(delimiter)) {
                false => Ok(parts.join(delimiter)),
                true => Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "the object's name or type contains the delimiter of this pipeline's messages",
                )),
            }
        }
    }
}

async fn publish(pipeline: &Pipeline, body: Bytes) -> Result<(), Problem> {
    let unavailable = |why: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why);
    let broker = pipeline.broker.as_ref();
    let broker = broker.ok_or_else(|| unavailable("this host takes no messages".to_owned()))?;
    let message = Message {
        body,
        only: None,
        attempt: 0,
        origin: Origin::default(),
    };
    let published = broker.publish(message).await;
    published.map_err(|error| unavailable(error.to_string()))
}
