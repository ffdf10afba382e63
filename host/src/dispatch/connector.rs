//! A connector as dispatch sees it: what runs it, what guards it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::admission::{Admission, Permit};
use super::{Call, ConnectorId, Error, Tenant};
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::limits::Limits;
use crate::plugin::{CpuMeter, Engine, Launcher, Role};
use crate::telemetry::metrics;

/// What a connector is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its id.
    pub id: ConnectorId,
    /// Starts its sandboxes.
    pub launcher: Arc<dyn Launcher>,
    /// Measures its CPU time.
    pub engine: Arc<Engine>,
    /// What one call may use.
    pub limits: Arc<Limits>,
    /// What it shares with its tenant's other connectors.
    pub tenant: Arc<Tenant>,
    /// Where its calls are counted.
    pub metrics: metrics::ForConnector,
    /// What it uses of its grants, over all its versions.
    pub usage: Arc<Usage>,
}

/// A connector that can be called.
#[derive(Debug)]
pub struct Connector {
    parts: Parts,
    label: Arc<str>,
    admission: Admission,
    /// Whether its latest call used more CPU than a slice.
    heavy: AtomicBool,
}

impl Connector {
    /// A connector with no call in progress.
    pub fn new(parts: Parts) -> Self {
        let limits = &parts.limits;
        Self {
            admission: Admission::new(
                limits.concurrent_calls,
                limits.calls_per_second,
                parts.tenant.clone(),
            ),
            label: parts.id.to_string().into(),
            heavy: AtomicBool::new(false),
            parts,
        }
    }

    pub(super) fn id(&self) -> &ConnectorId {
        &self.parts.id
    }

    pub(super) fn launcher(&self) -> &dyn Launcher {
        &*self.parts.launcher
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.parts.limits
    }

    /// What it has used of its grants so far.
    pub fn usage(&self) -> &Arc<Usage> {
        &self.parts.usage
    }

    pub(super) fn metrics(&self) -> &metrics::ForConnector {
        &self.parts.metrics
    }

    pub(super) fn sweep(&self) {
        self.parts.launcher.sweep();
    }

    /// Whether its calls are to start on the threads for long computations.
    pub(super) fn is_heavy(&self) -> bool {
        self.heavy.load(Ordering::Relaxed)
    }

    /// Remembers what a call used.
    pub(super) fn learn(&self, cpu: &CpuMeter) {
        self.heavy.store(cpu.overran(), Ordering::Relaxed);
    }

    pub(super) fn admit(
        self: &Arc<Self>,
        call: Call,
        role: Role,
        operation: &'static str,
        stop: &CancellationToken,
        tracked: TaskTrackerToken,
    ) -> Result<Admitted, Error> {
        if !self.parts.launcher.offers(role) {
            return Err(self.refuse(operation, Error::no_role(role)));
        }
        let permit = self.admission.enter();
        let permit = permit.map_err(|limit| self.refuse(operation, Error::overloaded(&limit)))?;
        let limits = self.limits();
        let mut context = Context::new(call.request_id, self.label.clone());
        context.user = call.user;
        context.credential = call.credential;
        context.deadline = limits
            .total_ms
            .map(|total| Instant::now() + Duration::from_millis(total));
        context.upload_bytes_max = limits.upload_bytes;
        context.response_bytes_max = limits.response_bytes;
        context.cancelled = stop.child_token();
        Ok(Admitted {
            cpu: self
                .parts
                .engine
                .cpu_meter(Duration::from_millis(limits.cpu_ms)),
            connector: self.clone(),
            context: Arc::new(context),
            operation,
            trace_parent: call.trace_parent,
            permit,
            tracked,
        })
    }

    fn refuse(&self, operation: &'static str, error: Error) -> Error {
        self.metrics().refused(operation, error.outcome().name());
        error
    }
}

/// A call that has been let in.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) connector: Arc<Connector>,
    pub(super) context: Arc<Context>,
    pub(super) cpu: Arc<CpuMeter>,
    pub(super) operation: &'static str,
    pub(super) trace_parent: Option<String>,
    pub(super) permit: Permit,
    pub(super) tracked: TaskTrackerToken,
}

impl Admitted {
    pub(super) fn cancel_on_drop(&self) -> tokio_util::sync::DropGuard {
        self.context.cancelled.clone().drop_guard()
    }
}
