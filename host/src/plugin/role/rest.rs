//! The role of plugins that answer HTTP requests themselves.

use std::pin::pin;
use std::sync::Arc;

use http::header::{HOST, HeaderValue};
use tokio::sync::oneshot;
use wasmtime_wasi::p2::StreamError;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::resources as wit;
use crate::bindings::types;
use crate::capability::transfer::{Request, Responder, as_body};
use crate::limits::Limits;

pub use wit::Route;

/// The host that a request is for where it names none, as HTTP/1.0 allows.
const UNNAMED_HOST: HeaderValue = HeaderValue::from_static("localhost");

/// What a component sets as its answer.
type Answered = Result<http::Response<HyperOutgoingBody>, ErrorCode>;

/// Operations of `wit/resources.wit` and `wasi:http/incoming-handler`.
#[wasmtime_wasi::async_trait]
pub trait Rest: Send {
    /// What it offers; nothing where it does not say.
    async fn routes(&mut self) -> Result<Vec<Route>, Failure>;

    /// Answers a request. Returns once all of the answer was passed on.
    async fn handle(&mut self, request: Request, into: Responder) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl Rest for ComponentSandbox {
    async fn routes(&mut self) -> Result<Vec<Route>, Failure> {
        let Some(guest) = self.resources_guest()? else {
            return Ok(Vec::new());
        };
        let called = guest.call_routes(&mut self.store).await;
        self.conclude(called.map(Ok))
    }

    async fn handle(&mut self, request: Request, into: Responder) -> Result<(), Failure> {
        let guest = self.incoming_handler_guest()?;
        let context = self.store.data().context.clone();
        let bytes_max = self.settings.limits.request_body_bytes;
        let mut request = request.map(|upload| as_body(upload, context, bytes_max));
        let is_named = |host: &HeaderValue| host.to_str().is_ok();
        if !request.headers().get(HOST).is_some_and(is_named) {
            request.headers_mut().insert(HOST, UNNAMED_HOST);
        }
        let (answered, answer) = oneshot::channel();
        let mut http = self.store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request);
        let lent = request.and_then(|request| Ok((request, http.new_response_outparam(answered)?)));
        let (request, outparam) = lent.map_err(|error| self.failure(error))?;

        let (returned, has_returned) = oneshot::channel();
        let limits = self.settings.limits.clone();
        let mut passing = pin!(pass_on(answer, has_returned, into, limits));
        let mut passed = None;
        let called = {
            let mut call = pin!(guest.call_handle(&mut self.store, request, outparam));
            loop {
                tokio::select! {
                    biased;
                    called = &mut call => break called,
                    ended = &mut passing, if passed.is_none() => passed = Some(ended),
                }
            }
        };
        drop(returned);
        let called = self.conclude(called.map(Ok));
        let passed = match (passed, called) {
            // What the guest made of it is a consequence.
            (Some(Err(failure)), _) => Err(failure),
            (_, Err(failure)) => return Err(failure),
            (Some(Ok(())), Ok(())) => Ok(()),
            (None, Ok(())) => passing.await,
        };
        self.spoiled |= passed.is_err();
        passed
    }
}

/// Passes the answer on while the guest still writes it.
async fn pass_on(
    mut answer: oneshot::Receiver<Answered>,
    has_returned: oneshot::Receiver<()>,
    into: Responder,
    limits: Arc<Limits>,
) -> Result<(), Failure> {
    let answered = tokio::select! {
        biased;
        answered = &mut answer => answered.ok(),
        // A guest may keep what it answers with for ever.
        _ = has_returned => answer.try_recv().ok(),
    };
    let response = match answered {
        Some(Ok(response)) => response,
        Some(Err(code)) => return Err(answered_error(&code)),
        None => {
            return Err(Failure::Contract(
                "it returned without an answer".to_owned(),
            ));
        }
    };
    match into.send(response).await {
        // Who asked is gone, and the call cancelled.
        Ok(()) | Err(StreamError::Closed) => Ok(()),
        Err(StreamError::Trap(error) | StreamError::LastOperationFailed(error)) => {
            Err(Failure::from_trap(error, &limits))
        }
    }
}

/// `wasi:http` has a plugin name what a proxy would say of its upstream.
fn answered_error(code: &ErrorCode) -> Failure {
    Failure::Answered(types::Error::Internal(types::Detail {
        message: format!("the plugin answered with the error {code:?}"),
        subject: None,
    }))
}
