//! A request that a component answers itself, and its answer.
//!
//! The answer goes the way of every other transfer: its body ends cleanly only
//! when the operation succeeded as a whole, and counts as the call's progress.

use bytes::Bytes;
use futures::stream;
use http::response::Parts;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::{Body, Head, Sink, Upload, Writer};

/// What a component is asked.
pub type Request = http::Request<Upload>;

/// What it answers.
pub type Response = http::Response<Body>;

/// Where a component's answer goes.
#[derive(Debug)]
pub struct Responder {
    sink: Sink,
    head: oneshot::Sender<Parts>,
    passed: oneshot::Sender<Passed>,
}

/// All of an answer has been passed on.
#[derive(Debug)]
pub struct Passed(());

impl Responder {
    /// Sends a body into `sink`, and its head before it. The last one says
    /// when all was passed on; it closes where the component answered nothing,
    /// or broke its answer off.
    pub fn new(
        sink: Sink,
    ) -> (
        Self,
        oneshot::Receiver<Parts>,
        oneshot::Receiver<Passed>,
    ) {
        let (head, heads) = oneshot::channel();
        let (passed, all_passed) = oneshot::channel();
        (Self { sink, head, passed }, heads, all_passed)
    }

    /// Begins the answer. A task passes its body on, since the component goes
    /// on writing. Must be called within a Tokio runtime.
    pub(crate) fn answer(mut self, response: http::Response<HyperOutgoingBody>) {
        let (parts, body) = response.into_parts();
        // Whoever asked may be gone; the writer then says so.
        _ = self.head.send(parts);
        // The size stays in its header; whether it is kept shows at the client.
        if let Ok(writer) = self.sink.begin(Head::default()) {
            tokio::spawn(async move {
                if let Some(passed) = pass_on(body, writer).await {
                    // The call may have been given up.
                    _ = self.passed.send(passed);
                }
            });
        }
    }
}

async fn pass_on(mut body: HyperOutgoingBody, mut writer: Writer) -> Option<Passed> {
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.ok()?.into_data() else {
            continue;
        };
        writer.send(bytes).await.ok()?;
    }
    Some(Passed(()))
}

/// An upload as the body of a request to a component.
pub(crate) fn as_body(
    upload: Upload,
) -> impl http_body::Body<Data = Bytes, Error = Error> + Send + 'static {
    let frames = stream::try_unfold(upload, async |mut upload: Upload| {
        match upload.next().await {
            Ok(Some(bytes)) => Ok(Some((Frame::data(bytes), upload))),
            Ok(None) => Ok(None),
            Err(aborted) => Err(Error::InternalError(Some(aborted.to_string()))),
        }
    });
    StreamBody::new(frames)
}
