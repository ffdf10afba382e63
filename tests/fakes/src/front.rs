//! The way of a request through a fake: it is noted, held against the rules
//! that all systems share, given its fault, and only then performed.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;

use crate::exchange::{self, Answer, Broken, Exchange, whole};
use crate::fault::{Fault, Faults};
use crate::record::Record;
use crate::rules::{self, Repeat};

/// A system that a fake stands for.
pub(crate) trait System: Debug + Send + Sync + Sized + 'static {
    /// Its documented operations.
    type Operation: Copy + PartialEq + Debug + Send + Sync + 'static;

    /// The operation at an address, if documented.
    fn operation(&self, method: &Method, uri: &Uri) -> Option<Self::Operation>;

    /// Whether a call may come again for one request of a client's client.
    fn repeats(&self, operation: Self::Operation) -> Repeat;

    /// Whether calls carry `Authorization`.
    fn has_users(&self) -> bool;

    /// The credentials that may be nowhere but in `Authorization`.
    fn secrets(&self) -> Vec<String>;

    /// A refusal in the system's own form.
    fn refusal(&self, status: u16, message: &str) -> Answer;

    /// Answers a request that broke no common rule.
    fn perform(
        &self,
        operation: Self::Operation,
        exchange: &mut Exchange,
    ) -> impl Future<Output = Result<Answer, Broken>> + Send;
}

/// A system with its memory and its faults.
#[derive(Debug)]
pub(crate) struct Front<S: System> {
    pub(crate) system: S,
    pub(crate) record: Arc<Record>,
    pub(crate) faults: Faults<S::Operation>,
}

impl<S: System> Front<S> {
    pub(crate) fn new(system: S) -> Arc<Self> {
        Arc::new(Self {
            system,
            record: Arc::default(),
            faults: Faults::default(),
        })
    }

    /// Answers one request. An error cuts the connection.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Broken> {
        let record = self.record.clone();
        // In a task of its own: a server works on when its client hangs up.
        match tokio::spawn(self.exchange(request)).await {
            Ok(answer) => answer,
            Err(error) => {
                if error.is_panic() {
                    let last = record.calls().len().saturating_sub(1);
                    record.violation(last, "the fake itself failed");
                }
                Err(Broken)
            }
        }
    }

    async fn exchange(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        let operation = self.system.operation(&parts.method, &parts.uri);
        let name = operation.map(|operation| format!("{operation:?}"));
        let number = self.record.begin(&parts, name);
        let fault = operation.and_then(|operation| self.faults.next(operation));
        let mut exchange = Exchange::new(parts, body, self.record.clone(), number);
        let answer = self.attempt(operation, &mut exchange, fault).await?;
        let status = answer.status().as_u16();
        self.record
            .update(number, |call| call.status = Some(status));
        Ok(answer)
    }

    async fn attempt(
        &self,
        operation: Option<S::Operation>,
        exchange: &mut Exchange,
        fault: Option<Fault>,
    ) -> Result<Response<Body>, Broken> {
        let Some(operation) = operation else {
            exchange.violation("undocumented method or path");
            exchange.drain().await?;
            return Ok(whole(self.system.refusal(404, "Not found.")));
        };
        let repeat = self.system.repeats(operation);
        let broken = rules::common(exchange, self.system.has_users(), &self.system.secrets())
            .or_else(|| rules::repetition(exchange, repeat, &self.record.calls()));
        if let Some(rule) = broken {
            exchange.violation(&rule);
            exchange.drain().await?;
            return Ok(whole(self.system.refusal(400, &rule)));
        }
        if let Some(fault) = &fault
            && let Some(answer) = self.before(fault, exchange).await?
        {
            return Ok(whole(answer));
        }
        let answer = self.system.perform(operation, exchange).await?;
        self.after(fault, answer).await
    }

    /// What a fault does before anything takes effect.
    async fn before(
        &self,
        fault: &Fault,
        exchange: &mut Exchange,
    ) -> Result<Option<Answer>, Broken> {
        match fault {
            Fault::Status(status) => {
                exchange.drain().await?;
                Ok(Some(self.system.refusal(*status, "As the test wants it.")))
            }
            Fault::Answer(status, media_type, body) => {
                exchange.drain().await?;
                let body = Bytes::from(body.clone());
                Ok(Some(exchange::bytes(*status, media_type, body)))
            }
            Fault::RateLimited(seconds) => {
                exchange.drain().await?;
                Ok(Some(self.rate_limited(*seconds)))
            }
            Fault::Hang => std::future::pending().await,
            Fault::Close => Err(Broken),
            Fault::CloseInRequest(bytes) => {
                let mut read = 0;
                while read < *bytes
                    && let Some(chunk) = exchange.chunk().await?
                {
                    read += chunk.len() as u64;
                }
                Err(Broken)
            }
            Fault::Delay(pause) => {
                tokio::time::sleep(*pause).await;
                Ok(None)
            }
            Fault::Hold(hold) => {
                hold.pass().await;
                Ok(None)
            }
            Fault::StatusAfter(_)
            | Fault::HangAfter
            | Fault::CloseAfter
            | Fault::CloseInAnswer
            | Fault::Garbage
            | Fault::Slow(_)
            | Fault::HoldAfter(_) => Ok(None),
        }
    }

    fn rate_limited(&self, seconds: u64) -> Answer {
        let message = format!("Too many requests. Come back in {seconds} seconds.");
        let mut answer = self.system.refusal(429, &message);
        let headers = answer.headers_mut();
        headers.insert("retry-after", seconds.into());
        headers.insert("x-ratelimit-remaining", 0.into());
        answer
    }

    /// What a fault does to the answer.
    async fn after(&self, fault: Option<Fault>, answer: Answer) -> Result<Response<Body>, Broken> {
        match fault {
            Some(Fault::StatusAfter(status)) => {
                let answer = self.system.refusal(status, "As the test wants it.");
                Ok(whole(answer))
            }
            Some(Fault::HangAfter) => std::future::pending().await,
            Some(Fault::CloseAfter) => Err(Broken),
            Some(Fault::CloseInAnswer) if answer.body().is_empty() => Err(Broken),
            Some(Fault::CloseInAnswer) => Ok(half(answer)),
            Some(Fault::Garbage) => {
                let garbage = Bytes::from_static(b"<html><body>It works!</body></html>");
                Ok(whole(answer.map(|_| garbage)))
            }
            Some(Fault::Slow(pause)) => Ok(slow(answer, pause)),
            Some(Fault::HoldAfter(hold)) => {
                hold.pass().await;
                Ok(whole(answer))
            }
            _ => Ok(whole(answer)),
        }
    }
}

/// Long enough for what was written before to leave the server.
const FLUSH: Duration = Duration::from_millis(30);

fn half(answer: Answer) -> Response<Body> {
    let length = answer.body().len();
    let mut answer = answer.map(|body| {
        let first = stream::iter([Ok(body.slice(..length / 2))]);
        let cut = stream::once(async {
            tokio::time::sleep(FLUSH).await;
            Err(Broken)
        });
        Body::from_stream(first.chain(cut))
    });
    answer.headers_mut().insert("content-length", length.into());
    answer
}

fn slow(answer: Answer, pause: Duration) -> Response<Body> {
    let length = answer.body().len();
    let mut answer = answer.map(|body| {
        let size = body.len().div_ceil(8).max(1);
        let parts: Vec<_> = (0..body.len())
            .step_by(size)
            .map(|start| body.slice(start..(start + size).min(length)))
            .collect();
        Body::from_stream(stream::iter(parts).then(move |part| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Broken>(part)
        }))
    });
    answer.headers_mut().insert("content-length", length.into());
    answer
}
