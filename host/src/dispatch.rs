//! The only door to a component.
//!
//! A call names a connector and an operation. Here it is resolved, admitted or
//! refused, run in a task of its own under the connector's limits, and its
//! failure sorted into one of twelve outcomes. This module knows no transport
//! and no external system.

mod admission;
mod call;
pub mod canary;
mod connector;
mod error;
mod handoff;
mod nested;
mod operation;
mod run;
mod schedule;
mod serving;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod version;
mod watch;

pub use admission::Tenant;
pub use call::{Call, ConnectorId, ConnectorIdError};
pub use connector::{Connector, Parts};
pub use error::{Error, Fault, Outcome};
pub use operation::{
    Operation, database, file_store, lifecycle, message_log, metadata_store, processor, repository,
    rest,
};
pub use schedule::Scheduler;
pub use version::Version;

pub use crate::capability::transfer::{
    Aborted, Blob, Body, Head, Request, Response, Sink, Started, Upload,
};
pub use crate::plugin::Role;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::capability::transfer;

/// Runs operations of connectors.
#[derive(Debug)]
pub struct Dispatcher {
    /// What calls need that are made by calls.
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connectors: ArcSwap<HashMap<ConnectorId, Arc<Connector>>>,
    scheduler: Scheduler,
    /// Calls in progress; closed once the host drains.
    calls: TaskTracker,
    /// Fires when all calls must end, those of replaced connectors as well.
    stop: CancellationToken,
}

impl Shared {
    fn connector(&self, id: &ConnectorId) -> Option<Arc<Connector>> {
        self.connectors.load().get(id).cloned()
    }
}

impl Dispatcher {
    /// A dispatcher that knows no connector yet.
    pub fn new(scheduler: Scheduler) -> Self {
        let shared = Shared {
            connectors: ArcSwap::default(),
            scheduler,
            calls: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Puts a new set of connectors in place of the old one. Those that go on
    /// are passed in again, with all they know of their calls. Calls in flight
    /// finish on what they began with.
    pub fn replace(&self, connectors: impl IntoIterator<Item = Arc<Connector>>) {
        let by_id = connectors
            .into_iter()
            .map(|connector| (connector.id().clone(), connector));
        self.shared.connectors.store(Arc::new(by_id.collect()));
    }

    /// A connector by its id.
    pub fn connector(&self, id: &ConnectorId) -> Option<Arc<Connector>> {
        self.shared.connector(id)
    }

    /// Runs an operation to its end.
    ///
    /// Dropping the future cancels an operation that only reads. One that
    /// changes something upstream runs on, to its own limits.
    ///
    /// # Errors
    ///
    /// [`Error`] with one of the [`Outcome`]s.
    pub async fn call<O: Operation>(&self, call: Call, operation: O) -> Result<O::Output, Error> {
        let admitted = self.admit::<O>(call)?;
        self.run(admitted, operation).await
    }

    /// Runs an operation in a version that serves nobody yet, such as
    /// `lifecycle.check` before an activation. Limits, metrics and a drain hold
    /// for it as for any call; no trial counts it.
    ///
    /// # Errors
    ///
    /// [`Error`] with one of the [`Outcome`]s.
    pub async fn call_version<O: Operation>(
        &self,
        call: Call,
        version: Arc<Version>,
        operation: O,
    ) -> Result<O::Output, Error> {
        version.launcher().open();
        let (connector, tracked) = self.enter(&call.connector)?;
        let shared = &self.shared;
        let admitted = connector.admit_to(version, call, O::ROLE, O::NAME, shared, tracked)?;
        self.run(admitted, operation).await
    }

    async fn run<O: Operation>(
        &self,
        admitted: connector::Admitted,
        operation: O,
    ) -> Result<O::Output, Error> {
        let _cancel = (!O::CHANGES).then(|| admitted.cancel_on_drop());
        run::spawn(&self.shared.scheduler, admitted, operation)
            .await
            .unwrap_or_else(|_| Err(Error::lost()))
    }

    /// Runs an operation that sends bytes, up to their first.
    ///
    /// The body ends cleanly only when the operation succeeded as a whole.
    /// Dropping it cancels the call.
    ///
    /// # Errors
    ///
    /// [`Error`] when the operation fails before it sends anything.
    pub async fn stream<O>(
        &self,
        call: Call,
        operation: impl FnOnce(Sink) -> O,
    ) -> Result<Started, Error>
    where
        O: Operation<Output = ()>,
    {
        let admitted = self.admit::<O>(call)?;
        let cancel = admitted.cancel_on_drop();
        let (sink, pending) = transfer::channel(admitted.context.clone());
        let ended = run::spawn(&self.shared.scheduler, admitted, operation(sink));
        let Ok(started) = pending.started.await else {
            return Err(match ended.await {
                Ok(Err(error)) => error,
                Ok(Ok(())) => Error::contract("the plugin returned without sending anything"),
                Err(_) => Error::lost(),
            });
        };
        // From here on the body carries the cancellation.
        cancel.disarm();
        tokio::spawn(async move {
            let ended = match ended.await {
                Ok(ended) => ended.map_err(|error| Aborted::new(error.to_string())),
                Err(_) => Err(Aborted::new("the call was lost")),
            };
            // The reader may be gone.
            _ = pending.completion.send(ended);
        });
        Ok(started)
    }

    /// Has a connector's plugin answer a request, up to the head of its answer,
    /// whose body then ends as that of [`Dispatcher::stream`]. The request's
    /// path is as the plugin is to see it, below its own prefix.
    ///
    /// # Errors
    ///
    /// [`Error`] when it answers nothing.
    pub async fn respond(&self, call: Call, request: Request) -> Result<Response, Error> {
        let mut head = None;
        let started = self.stream(call, |sink| {
            let (into, received) = transfer::Responder::new(sink);
            head = Some(received);
            rest::Handle { request, into }
        });
        let started = started.await?;
        let head = match head {
            Some(head) => head.await.ok(),
            None => None,
        };
        let head = head.ok_or_else(Error::lost)?;
        Ok(Response::from_parts(head, started.body))
    }

    /// Refuses new calls, lets those in flight finish, and after `timeout`
    /// cancels the rest. Returns how many were cut short.
    pub async fn drain(&self, timeout: Duration) -> usize {
        self.shared.calls.close();
        if tokio::time::timeout(timeout, self.shared.calls.wait())
            .await
            .is_ok()
        {
            return 0;
        }
        let left = self.shared.calls.len();
        self.shared.stop.cancel();
        // Cancelled calls get their grace and are then dropped.
        _ = tokio::time::timeout(run::CANCEL_GRACE * 2, self.shared.calls.wait()).await;
        left
    }

    /// Whether new calls are refused because the host is about to stop.
    pub fn is_draining(&self) -> bool {
        self.shared.calls.is_closed()
    }

    /// Frees what connectors keep for reuse and no longer need.
    pub fn sweep(&self) {
        for connector in self.shared.connectors.load().values() {
            connector.sweep();
        }
    }

    /// The ids of all connectors.
    pub fn connectors(&self) -> Vec<ConnectorId> {
        self.shared.connectors.load().keys().cloned().collect()
    }

    fn admit<O: Operation>(&self, call: Call) -> Result<connector::Admitted, Error> {
        let (connector, tracked) = self.enter(&call.connector)?;
        connector.admit(call, O::ROLE, O::NAME, &self.shared, tracked)
    }

    fn enter(&self, id: &ConnectorId) -> Result<(Arc<Connector>, TaskTrackerToken), Error> {
        // Counted before it is let in: a drain that begins in between waits
        // for this call as well.
        let tracked = self.shared.calls.token();
        if self.is_draining() {
            return Err(Error::draining());
        }
        let connector = self.connector(id);
        let connector = connector.ok_or_else(|| Error::no_connector(id))?;
        Ok((connector, tracked))
    }
}
