//! The call in progress: who asked, how long it may take, whether it is over.

mod meter;

pub use meter::{HostCalls, Interface, Meter};

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use super::{Invoke, Limit};
use crate::bindings::call;

/// Facts about one call, shared by every capability of its sandbox.
pub struct Context {
    /// Names the call in logs, traces and upstream requests.
    pub request_id: String,
    /// The connector's id.
    pub connector: Arc<str>,
    /// The caller's user name.
    pub user: Option<String>,
    /// The credential that came with the request; known to the host alone.
    pub credential: Option<SecretString>,
    /// W3C Trace Context `traceparent` of the call's span, sent upstream.
    pub trace_parent: OnceLock<String>,
    /// When the call ends at the latest.
    pub deadline: Option<Instant>,
    /// Bytes the caller may send.
    pub upload_bytes_max: Option<u64>,
    /// Bytes the plugin may answer with.
    pub response_bytes_max: Option<u64>,
    /// Fires when the call should end of its own accord.
    pub cancelled: CancellationToken,
    /// What the call has done so far.
    pub meter: Meter,
    /// Whether its sandbox serves no other call.
    pub alone: bool,
    /// Calls that this one was made within.
    pub depth: u8,
    /// Runs what the guest asks of other connectors.
    /// Weak: a sandbox that is kept for reuse holds its latest call's facts.
    pub invoke: Option<Weak<dyn Invoke>>,
    /// Set when the sandbox vanished before its operation returned.
    aborted: AtomicBool,
    /// The first limit broken where no host call could end the sandbox.
    broken: OnceLock<Limit>,
}

impl Context {
    /// A call that nobody has cancelled, with nothing counted yet.
    pub fn new(request_id: String, connector: Arc<str>) -> Self {
        Self {
            request_id,
            connector,
            user: None,
            credential: None,
            trace_parent: OnceLock::new(),
            deadline: None,
            upload_bytes_max: None,
            response_bytes_max: None,
            cancelled: CancellationToken::new(),
            meter: Meter::default(),
            alone: false,
            depth: 0,
            invoke: None,
            aborted: AtomicBool::new(false),
            broken: OnceLock::new(),
        }
    }

    /// A call of another connector that this one makes: for the same user,
    /// under the same name, and no longer than this one may take.
    pub fn within(&self, connector: Arc<str>) -> Self {
        Self {
            user: self.user.clone(),
            deadline: self.deadline,
            cancelled: self.cancelled.child_token(),
            depth: self.depth + 1,
            invoke: self.invoke.clone(),
            ..Self::new(self.request_id.clone(), connector)
        }
    }

    /// Marks every transfer of the call that has not ended yet as broken.
    pub fn abort(&self) {
        self.aborted.store(true, Ordering::Release);
    }

    /// Whether the sandbox vanished in mid-call.
    pub fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::Acquire)
    }

    /// Records a broken limit and asks the guest to end. Only the first one
    /// counts: what follows is its consequence.
    pub fn break_limit(&self, limit: Limit) {
        _ = self.broken.set(limit);
        self.cancelled.cancel();
    }

    /// The limit that was broken, whatever the operation then returned.
    pub fn broken(&self) -> Option<&Limit> {
        self.broken.get()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("request_id", &self.request_id)
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

/// Links the interface `call`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's state for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Arc<Context>,
    /// Where pollables live.
    pub table: &'a mut ResourceTable,
}

impl call::Host for View<'_> {
    fn current(&mut self) -> wasmtime::Result<call::Context> {
        let remaining = self.context.deadline.map_or(u64::MAX, |at| {
            millis(at.saturating_duration_since(Instant::now()))
        });
        Ok(call::Context {
            request_id: self.context.request_id.clone(),
            connector: self.context.connector.to_string(),
            user: self.context.user.clone(),
            remaining_ms: remaining,
        })
    }

    fn cancelled(&mut self) -> wasmtime::Result<Resource<DynPollable>> {
        let cancelled = self.table.push(Cancelled(self.context.cancelled.clone()))?;
        subscribe(self.table, cancelled)
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

struct Cancelled(CancellationToken);

#[wasmtime_wasi::async_trait]
impl Pollable for Cancelled {
    async fn ready(&mut self) {
        self.0.cancelled().await;
    }
}
