//! Answers that go on: one JSON object a line (NDJSON), until either side has
//! enough.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::admin::problem::Failure;

/// The media type of such answers.
pub(super) const NDJSON_TYPE: &str = "application/x-ndjson";

/// Streams at a time, all operators together.
const FOLLOWERS_MAX: usize = 16;
/// An empty line after so long without another, so that both sides, and
/// proxies between, notice when the other is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Counts those who follow. Clones share the count.
#[derive(Debug, Clone)]
pub(super) struct Followers(Arc<Semaphore>);

impl Default for Followers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(FOLLOWERS_MAX)))
    }
}

impl Followers {
    /// A place, held for as long as the stream.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.0.clone().try_acquire_owned().map_err(|_| {
            Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-followers",
                format!("{FOLLOWERS_MAX} streams are open already; close one of them"),
            )
            .after(1)
        })
    }
}

/// Appends one object.
pub(super) fn line<T: Serialize>(into: &mut Vec<u8>, value: &T) {
    // What is sent has nothing that JSON could not hold.
    if serde_json::to_writer(&mut *into, value).is_ok() {
        into.push(b'\n');
    }
}

/// An answer of lines that ends.
pub(super) fn lines(lines: Vec<u8>) -> Response {
    respond(Body::from(lines))
}

/// An answer of lines that goes on for as long as there are chunks of them.
pub(super) fn follow<S>(chunks: S, place: OwnedSemaphorePermit) -> Response
where
    S: Stream<Item = Result<Vec<u8>, Failure>> + Send + 'static,
{
    let beating =
        futures::stream::unfold((Box::pin(chunks), place), async |(mut chunks, place)| {
            let next = tokio::time::timeout(HEARTBEAT, chunks.next()).await;
            let chunk = match next {
                Ok(chunk) => chunk?,
                Err(_) => Ok(b"\n".to_vec()),
            };
            // What fails half-way can only break off.
            let chunk = chunk.map(Bytes::from).map_err(|_| BrokenOff);
            Some((chunk, (chunks, place)))
        });
    respond(Body::from_stream(beating))
}

/// The stream cannot go on.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the catalog failed")]
struct BrokenOff;

fn respond(body: Body) -> Response {
    let headers = [(CONTENT_TYPE, NDJSON_TYPE), (CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}
