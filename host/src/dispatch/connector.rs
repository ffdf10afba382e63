//! A connector as dispatch sees it: the versions that run it, what guards it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::admission::{Admission, Permit};
use super::canary::{Report, Rules, Trial, Verdict};
use super::handoff::HandOver;
use super::serving::{Chosen, Serving};
use super::{Call, ConnectorId, Error, Shared, Tenant, Version};
use crate::capability::Invoke;
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::limits::Limits;
use crate::plugin::{CpuMeter, Engine, Hold, Role};
use crate::telemetry::metrics;

/// What a connector is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its id.
    pub id: ConnectorId,
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

/// A connector that can be called once a version is activated.
#[derive(Debug)]
pub struct Connector {
    parts: Parts,
    label: Arc<str>,
    admission: Admission,
    serving: ArcSwap<Serving>,
    /// Held while versions are changed, so that what is ended is not what
    /// somebody else has just activated.
    changing: Mutex<()>,
    /// Held while a state is on its way from one version to the next.
    handing_over: Arc<tokio::sync::Mutex<()>>,
}

impl Connector {
    /// A connector that runs nothing yet: calls are answered `unavailable`.
    pub fn new(parts: Parts) -> Self {
        let limits = &parts.limits;
        Self {
            admission: Admission::new(
                limits.concurrent_calls,
                limits.calls_per_second,
                parts.tenant.clone(),
            ),
            label: parts.id.to_string().into(),
            serving: ArcSwap::default(),
            changing: Mutex::default(),
            handing_over: Arc::default(),
            parts,
        }
    }

    /// The same, running its first version.
    pub fn with_version(parts: Parts, version: Arc<Version>) -> Self {
        let connector = Self::new(parts);
        version.launcher().open();
        connector.serve(Some(version), None);
        connector
    }

    /// Its id.
    pub fn id(&self) -> &ConnectorId {
        &self.parts.id
    }

    /// The version that serves, beside which another may be tried out.
    pub fn active(&self) -> Option<Arc<Version>> {
        self.serving.load().active.clone()
    }

    /// Puts a version in the place of the active one by one atomic swap, and
    /// ends a trial. Calls in progress finish on the version they began with.
    ///
    /// In isolation `long-lived` the new version then takes the old one's
    /// state over, in the background, while its calls wait; should a hand-over
    /// be in progress already, this one waits for its end, which has a limit.
    /// What the plugin computes for it runs on the Tokio runtime that this is
    /// called on: the one that calls run on.
    pub async fn activate(&self, version: Arc<Version>) {
        let turn = self.handing_over.clone().lock_owned().await;
        let Some((old, hold)) = self.swap(&version) else {
            return;
        };
        let hand_over = HandOver {
            connector: self.label.clone(),
            engine: self.parts.engine.clone(),
            cpu: Duration::from_millis(self.parts.limits.cpu_ms),
            old,
            new: version,
        };
        tokio::spawn(async move {
            hand_over.run(hold).await;
            drop(turn);
        });
    }

    /// Swaps, and says from which version a state is to be handed over, if
    /// from any.
    fn swap(&self, version: &Arc<Version>) -> Option<(Arc<Version>, Hold)> {
        let _changing = self.change();
        let launcher = version.launcher();
        launcher.open();
        let old = self.active().filter(|active| !Arc::ptr_eq(active, version));
        let hold = old.as_ref().and_then(|_| launcher.hold());
        self.serve(Some(version.clone()), None);
        let old = old?;
        match hold {
            Some(hold) => Some((old, hold)),
            None => {
                old.end();
                None
            }
        }
    }

    /// Lets a version serve some of the calls until it has proven itself or
    /// failed; another one that is being tried out gives way. The verdict is
    /// for somebody else to carry out, by [`Connector::activate`] or
    /// [`Connector::end_try_out`], but a candidate that failed serves no more
    /// calls from that moment on.
    ///
    /// What is received ends when the trial does. Must be called within a
    /// Tokio runtime.
    pub fn try_out(&self, version: Arc<Version>, rules: Rules) -> watch::Receiver<Verdict> {
        let _changing = self.change();
        version.launcher().open();
        let active = self.active();
        let metrics = self.parts.metrics.canary();
        let trial = Trial::start(version, active.is_some(), rules, metrics);
        let verdict = trial.verdict();
        self.serve(active, Some(Arc::new(trial)));
        verdict
    }

    /// Gives all calls back to the active version.
    pub fn end_try_out(&self) {
        let _changing = self.change();
        self.serve(self.active(), None);
    }

    /// The version that is tried out, and what has been seen of it.
    pub fn tried_out(&self) -> Option<(Arc<Version>, Report)> {
        let serving = self.serving.load();
        let trial = serving.trial.as_ref()?;
        Some((trial.candidate().clone(), trial.report()))
    }

    /// The one atomic swap. Ends the candidate that was tried out before,
    /// unless it serves on.
    fn serve(&self, active: Option<Arc<Version>>, trial: Option<Arc<Trial>>) {
        let now = Arc::new(Serving { active, trial });
        let before = self.serving.swap(now.clone());
        if let Some(trial) = &before.trial
            && !now.runs(trial.candidate())
        {
            trial.candidate().end();
        }
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
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
        let serving = self.serving.load();
        let candidate = serving.trial.as_ref().map(|trial| trial.candidate());
        for version in serving.active.iter().chain(candidate) {
            version.launcher().sweep();
        }
    }

    /// Lets a call in, and chooses its version, which it keeps to its end.
    pub(super) fn admit(
        self: Arc<Self>,
        call: Call,
        role: Role,
        operation: &'static str,
        shared: &Arc<Shared>,
        tracked: TaskTrackerToken,
    ) -> Result<Admitted, Error> {
        let serving = self.serving.load();
        let active = serving.offering(role);
        let active = active.map_err(|error| self.refuse(operation, error))?;
        let permit = self.enter(operation)?;
        let chosen = serving.choose(active, role);
        let context = self.context(call, shared);
        Ok(self.admitted(context, operation, chosen, Some(permit), tracked))
    }

    /// The same for a version that the call names.
    pub(super) fn admit_to(
        self: Arc<Self>,
        version: Arc<Version>,
        call: Call,
        role: Role,
        operation: &'static str,
        shared: &Arc<Shared>,
        tracked: TaskTrackerToken,
    ) -> Result<Admitted, Error> {
        if !version.offers(role) {
            return Err(self.refuse(operation, Error::no_role(role)));
        }
        let permit = self.enter(operation)?;
        let chosen = Chosen::only(version);
        let context = self.context(call, shared);
        Ok(self.admitted(context, operation, chosen, Some(permit), tracked))
    }

    fn enter(&self, operation: &'static str) -> Result<Permit, Error> {
        let permit = self.admission.enter();
        permit.map_err(|limit| self.refuse(operation, Error::overloaded(&limit)))
    }

    /// The same for a call that is made by another one, on whose permit it
    /// rides: waiting for one of its own could wait for ever.
    pub(super) fn admit_within(
        self: Arc<Self>,
        outer: &Context,
        role: Role,
        operation: &'static str,
        tracked: TaskTrackerToken,
    ) -> Result<Admitted, Error> {
        let serving = self.serving.load();
        let active = serving.offering(role);
        let active = active.map_err(|error| self.refuse(operation, error))?;
        let chosen = serving.choose(active, role);
        let mut context = outer.within(self.label.clone());
        self.bound(&mut context);
        let context = (context, outer.trace_parent.get().cloned());
        Ok(self.admitted(context, operation, chosen, None, tracked))
    }

    fn context(&self, call: Call, shared: &Arc<Shared>) -> (Context, Option<String>) {
        let mut context = Context::new(call.request_id, self.label.clone());
        context.user = call.user;
        context.credential = call.credential;
        context.alone = call.alone;
        context.cancelled = shared.stop.child_token();
        let invoke: Weak<dyn Invoke> = Arc::<Shared>::downgrade(shared);
        context.invoke = Some(invoke);
        self.bound(&mut context);
        (context, call.trace_parent)
    }

    /// Applies the connector's own limits.
    fn bound(&self, context: &mut Context) {
        let limits = self.limits();
        let total = limits.total_ms;
        let own = total.map(|total| Instant::now() + Duration::from_millis(total));
        context.deadline = own.into_iter().chain(context.deadline).min();
        context.upload_bytes_max = limits.upload_bytes;
        context.response_bytes_max = limits.response_bytes;
    }

    fn admitted(
        self: Arc<Self>,
        (context, trace_parent): (Context, Option<String>),
        operation: &'static str,
        chosen: Chosen,
        permit: Option<Permit>,
        tracked: TaskTrackerToken,
    ) -> Admitted {
        let cpu = Duration::from_millis(self.limits().cpu_ms);
        Admitted {
            cpu: self.parts.engine.cpu_meter(cpu),
            context: Arc::new(context),
            operation,
            chosen,
            trace_parent,
            permit,
            tracked,
            connector: self,
        }
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
    pub(super) chosen: Chosen,
    pub(super) trace_parent: Option<String>,
    /// None for a call within another.
    pub(super) permit: Option<Permit>,
    pub(super) tracked: TaskTrackerToken,
}

impl Admitted {
    pub(super) fn cancel_on_drop(&self) -> tokio_util::sync::DropGuard {
        self.context.cancelled.clone().drop_guard()
    }
}
