//! A request that a component answers itself, and its answer.
//!
//! The answer goes the way of every other transfer: its body ends cleanly only
//! when the operation succeeded as a whole, and counts as the call's progress.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::sync::oneshot;
use wasmtime_wasi::p2::{StreamError, StreamResult};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::{Body, Breach, Head, Sink, Upload};
use crate::capability::Limit;
use crate::capability::call::Context;

/// What a component is asked.
pub type Request = http::Request<Upload>;

/// What it answers.
pub type Response = http::Response<Body>;

/// Where a component's answer goes.
#[derive(Debug)]
pub struct Responder {
    sink: Sink,
    head: oneshot::Sender<Parts>,
}

impl Responder {
    /// Sends a body into `sink`, and its head to the receiver before it.
    pub fn new(sink: Sink) -> (Self, oneshot::Receiver<Parts>) {
        let (head, received) = oneshot::channel();
        (Self { sink, head }, received)
    }

    /// Passes an answer on, to its last byte.
    ///
    /// # Errors
    ///
    /// [`StreamError`]: whoever asked is gone, or what ends the call.
    pub(crate) async fn send(
        mut self,
        response: http::Response<HyperOutgoingBody>,
    ) -> StreamResult<()> {
        let (parts, mut body) = response.into_parts();
        let mut left = announced(&parts);
        if parts.status.is_informational() {
            return Err(breach("its answer has an interim status"));
        }
        // Whoever asked may be gone; the writer then says so.
        _ = self.head.send(parts);
        // Its size is in its header, which has no place for a wrong one.
        let begun = self.sink.begin(Head::default());
        let mut writer = begun.map_err(|breach| StreamError::Trap(breach.into()))?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| breach("it broke its answer's body off"))?;
            // Trailers are between the next hop and us.
            if let Ok(bytes) = frame.into_data() {
                // Cut to what was announced, it would look whole.
                let rest = left.map(|left| left.checked_sub(bytes.len() as u64));
                if rest == Some(None) {
                    return Err(breach("its answer is longer than its `content-length`"));
                }
                left = rest.flatten();
                writer.send(bytes).await?;
            }
        }
        Ok(())
    }
}

/// The length that an answer's header gives its body.
fn announced(parts: &Parts) -> Option<u64> {
    let length = parts.headers.get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

fn breach(rule: &'static str) -> StreamError {
    StreamError::Trap(Breach(rule).into())
}

/// The body of a request to a component, of at most `bytes_max` bytes: the
/// limit `request_body_bytes`.
pub(crate) fn as_body(
    upload: Upload,
    context: Arc<Context>,
    bytes_max: u64,
) -> impl http_body::Body<Data = Bytes, Error = Error> + Send + 'static {
    let upload = upload.metered(context.clone());
    let frames = stream::try_unfold((upload, bytes_max), move |(mut upload, left)| {
        let context = context.clone();
        async move {
            let next = upload.next().await;
            let next = next.map_err(|aborted| Error::InternalError(Some(aborted.to_string())))?;
            let Some(bytes) = next else {
                return Ok(None);
            };
            let Some(left) = left.checked_sub(bytes.len() as u64) else {
                let allowed = format!("{bytes_max} bytes");
                context.break_limit(Limit::new("request_body_bytes", allowed));
                return Err(Error::HttpRequestBodySize(None));
            };
            Ok(Some((Frame::data(bytes), (upload, left))))
        }
    });
    StreamBody::new(frames)
}
