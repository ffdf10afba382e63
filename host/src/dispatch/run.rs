//! The task that owns a call, from its sandbox to its last byte.
//!
//! A frontend's future is dropped whenever its client hangs up. A call must not
//! be: it would leave a publish half done. So it runs here, under its limits,
//! and reports back to whoever still listens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinError;
use tracing::Instrument as _;

use super::connector::{Admitted, Connector};
use super::{Error, Fault, Operation, Outcome, Scheduler, Version, watch};
use crate::capability::call::Context;
use crate::capability::usage::Figures;
use crate::plugin::{CpuMeter, Failure, Role, Sandbox, Slice};
use crate::telemetry::trace;

/// How long a cancelled call may take to end of its own accord.
pub(super) const CANCEL_GRACE: Duration = Duration::from_millis(500);

type Ended<T> = (Result<T, Failure>, Option<Box<dyn Sandbox>>);

/// Starts a call in a task of its own.
pub(super) fn spawn<O: Operation>(
    scheduler: &Scheduler,
    admitted: Admitted,
    operation: O,
) -> oneshot::Receiver<Result<O::Output, Error>> {
    let (reply, replied) = oneshot::channel();
    let span = tracing::info_span!(
        "call",
        otel.name = admitted.operation,
        connector = %admitted.context.connector,
        operation = admitted.operation,
        request_id = %admitted.context.request_id,
        version = admitted.chosen.version.digest().short(),
    );
    trace::adopt(
        &span,
        admitted.trace_parent.as_deref(),
        &admitted.context.trace_parent,
    );
    let scheduler = scheduler.clone();
    let call = async move {
        let _active = admitted.connector.metrics().started();
        let started = Instant::now();
        let (result, sandbox) = guard(&scheduler, &admitted, operation).await;
        let result = result.inspect_err(report);
        let outcome = result
            .as_ref()
            .map_or_else(|error| error.outcome().name(), |_| "ok");
        let took = started.elapsed();
        if let Some(counted) = &admitted.chosen.counted {
            counted.ended(result.as_ref().err().map(Error::outcome), took);
        }
        count(&admitted, outcome, took);
        // Kept before the answer, so that whoever calls next finds it, and cleared
        // away after it, which is nobody's wait. At once, though: the next call then
        // gets this slot of the pool, whose memory is still in the processor's cache.
        let surplus = sandbox.and_then(|sandbox| sandbox.keep());
        drop(admitted.permit);
        if let Err(Ok(output)) = reply.send(result)
            && let Some(made) = O::made(&output)
        {
            tracing::warn!(made, "the caller had gone before it was told of this");
        }
        drop(surplus);
        // A drain waits until here.
        drop(admitted.tracked);
    };
    tokio::spawn(call.instrument(span));
    replied
}

/// Counts what a call used, for operators, metrics and the log.
fn count(admitted: &Admitted, outcome: &'static str, wall: Duration) {
    let (operation, cpu) = (admitted.operation, admitted.cpu.used());
    let figures = Figures::new(operation, outcome, wall, cpu, &admitted.context.meter);
    let metrics = admitted.connector.metrics();
    metrics.ended(operation, outcome, wall);
    metrics.computed(operation, cpu);
    metrics.moved(figures.moved_bytes);
    admitted.connector.usage().ended(&figures);
    tracing::debug!(
        outcome,
        duration_ms = figures.wall_us / 1000,
        cpu_ms = figures.cpu_us / 1000,
        memory_bytes = figures.memory_bytes,
        host_calls = figures.host_calls.total(),
        moved_bytes = figures.moved_bytes,
        sent_bytes = figures.sent_bytes,
        received_bytes = figures.received_bytes,
        upstream_requests = figures.requests,
        "call ended"
    );
}

/// Runs the operation until it returns, breaks a limit, or is cancelled.
async fn guard<O: Operation>(
    scheduler: &Scheduler,
    admitted: &Admitted,
    operation: O,
) -> (Result<O::Output, Error>, Option<Box<dyn Sandbox>>) {
    let connector = admitted.connector.clone();
    let context = admitted.context.clone();
    let cpu = admitted.cpu.clone();
    let version = &admitted.chosen.version;
    // Known as well of a sandbox that is dropped in mid-call.
    let is_shared = Arc::new(AtomicBool::new(false));
    let slice = {
        let (connector, context, cpu) = (connector.clone(), context.clone(), cpu.clone());
        let (version, is_shared) = (version.clone(), is_shared.clone());
        Slice::new(cpu.clone(), async move {
            match launch(O::ROLE, &connector, version, &context, &cpu).await {
                Err(failure) => (Err(failure), None),
                Ok(mut sandbox) => {
                    connector.metrics().sandbox(sandbox.is_reused());
                    is_shared.store(sandbox.is_reused(), Ordering::Relaxed);
                    let result = operation.run(&mut *sandbox).await;
                    (result, Some(sandbox))
                }
            }
        })
    };
    let (limits, from) = (connector.limits(), Instant::now());
    let running = scheduler.run(version.is_heavy(), slice);
    let ended = tokio::select! {
        biased;
        ended = running => {
            let (result, sandbox) = conclude(ended);
            let late = |error| match watch::reached(&context, limits, from.into()) {
                Some(limit) => Error::deadline(&limit, O::CHANGES),
                None => error,
            };
            (result.map_err(late), sandbox)
        }
        limit = watch::overdue(&context, limits, from.into()) => (Err(Error::deadline(&limit, O::CHANGES)), None),
        () = cancelled(&context) => (Err(stopped(&context)), None),
    };
    version.learn(&cpu);
    let (result, sandbox) = ended;
    let result = result.map_err(|error| match is_shared.load(Ordering::Relaxed) {
        true => error.in_shared_sandbox(),
        false => error,
    });
    (result, sandbox)
}

/// A sandbox of the call's version. One that lives over calls may have been
/// handed over since the call was let in: nothing has run yet, so the call
/// goes after it.
async fn launch(
    role: Role,
    connector: &Connector,
    mut version: Arc<Version>,
    context: &Arc<Context>,
    cpu: &Arc<CpuMeter>,
) -> Result<Box<dyn Sandbox>, Failure> {
    loop {
        let (launcher, context, cpu) = (version.launcher(), context.clone(), cpu.clone());
        let launched = match role {
            Role::Lifecycle => launcher.launch_apart(context, cpu).await,
            _ => launcher.launch(context, cpu).await,
        };
        let active = match &launched {
            Err(Failure::Replaced) => connector.active(),
            _ => None,
        };
        match active {
            Some(active) if !Arc::ptr_eq(&active, &version) => {
                tracing::Span::current().record("version", active.digest().short());
                version = active;
            }
            _ => return launched,
        }
    }
}

fn conclude<T>(ended: Result<Ended<T>, JoinError>) -> (Result<T, Error>, Option<Box<dyn Sandbox>>) {
    match ended {
        Ok((result, sandbox)) => (result.map_err(Error::from), sandbox),
        Err(error) => {
            tracing::error!("a call's task failed: {error}");
            (Err(Error::lost()), None)
        }
    }
}

/// Why a call was dropped after its cancellation.
fn stopped(context: &Context) -> Error {
    match context.broken() {
        Some(limit) => Failure::Limit(limit.clone()).into(),
        None => Error::cancelled(),
    }
}

/// Resolves some time after a cancellation, if the call does not end before.
async fn cancelled(context: &Arc<Context>) {
    context.cancelled.cancelled().await;
    tokio::time::sleep(CANCEL_GRACE).await;
}

/// Logs a failure once, here where it is known in full.
fn report(error: &Error) {
    let outcome = error.outcome().name();
    let cause = error.cause().map(|cause| format!("{cause:#}"));
    let cause = cause.as_deref().unwrap_or_default();
    match (error.fault(), error.outcome()) {
        (Fault::Plugin | Fault::Host, _) | (_, Outcome::Deadline) => {
            tracing::warn!(outcome, cause, "call failed: {}", error.message());
        }
        _ => tracing::info!(outcome, cause, "call failed: {}", error.message()),
    }
}
