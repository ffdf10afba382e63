//! The role of a plugin that answers HTTP requests itself.

use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::resources as wit;
use crate::capability::transfer::{Passed, Request, Responder, as_body};

pub use wit::Route;

/// Operations of `wit/resources.wit` and `wasi:http/incoming-handler`.
#[wasmtime_wasi::async_trait]
pub trait Rest: Send {
    /// What it offers; nothing where it does not say.
    async fn routes(&mut self) -> Result<Vec<Route>, Failure>;

    /// Answers a request. Returns once all of the answer was passed on.
    async fn handle(
        &mut self,
        request: Request,
        into: Responder,
        passed: oneshot::Receiver<Passed>,
    ) -> Result<(), Failure>;
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

    async fn handle(
        &mut self,
        request: Request,
        into: Responder,
        passed: oneshot::Receiver<Passed>,
    ) -> Result<(), Failure> {
        let guest = self.incoming_handler_guest()?;
        let context = self.store.data().context.clone();
        let request = request.map(|upload| as_body(upload.metered(context)));
        let mut http = self.store.data_mut().http();
        let resources = http
            .new_incoming_request(Scheme::Http, request)
            .and_then(|request| {
                let answer = http.new_response_outparam_from_callback(|response| {
                    // An error code is no answer.
                    if let Ok(response) = response {
                        into.answer(response);
                    }
                });
                Ok((request, answer?))
            });
        let (request, answer) = resources.map_err(|error| self.failure(error))?;
        let called = guest.call_handle(&mut self.store, request, answer).await;
        self.conclude(called.map(Ok))?;
        let broken = |_| Failure::Contract("it returned without a whole answer".to_owned());
        passed.await.map(drop).map_err(broken)
    }
}
