//! What a plugin uses while it runs.

use std::time::Duration;

use super::super::expect::{Checked, holds};
use super::super::report::{Outcome, passed};
use super::super::trial::Trial;
use super::touch;

/// Calls of one sandbox, after as many that let it settle.
const CALLS: usize = 200;
/// Growth that is none: what an allocator or a collector takes at a time.
const GROWTH_BYTES: usize = 1 << 20;

/// Serves calls in a row out of the warm pool; `seen` is asked after each one
/// whether it is content.
async fn serve(
    trial: &Trial,
    calls: usize,
    mut seen: impl FnMut(usize, &dyn crate::plugin::Sandbox) -> Checked,
) -> Checked {
    let budget = Duration::from_millis(trial.rig.limits.cpu_ms);
    for turn in 0..calls {
        let (context, mut sandbox) = trial.sandbox(budget).await?;
        let called = touch::once(trial, &context, &mut *sandbox, turn).await;
        called.map_err(|why| format!("call {} of one sandbox: {why}", turn + 1))?;
        seen(turn, &*sandbox)?;
        drop(sandbox.keep());
    }
    Ok(())
}

pub(in super::super) async fn memory(trial: &Trial) -> Outcome {
    let mut settled = 0;
    let mut last = 0;
    serve(trial, CALLS * 2, |turn, sandbox| {
        last = sandbox.memory_bytes();
        if turn < CALLS {
            settled = settled.max(last);
        }
        Ok(())
    })
    .await?;
    holds(last <= settled + GROWTH_BYTES, || {
        format!("memory grew from {settled} to {last} bytes over the last {CALLS} calls")
    })?;
    passed()
}

pub(in super::super) async fn handles(trial: &Trial) -> Outcome {
    // What the first ones keep for good, such as standard output, is no leak.
    let settling = 8;
    serve(trial, CALLS, |turn, sandbox| {
        holds(turn < settling || sandbox.is_reused(), || {
            format!("call {turn} left a handle open, and its sandbox had to be given up")
        })
    })
    .await?;
    passed()
}

pub(in super::super) async fn cpu(trial: &Trial) -> Outcome {
    let budget = Duration::from_millis(trial.rig.limits.cpu_ms / 10);
    for turn in 0..8 {
        let (context, mut sandbox) = trial.sandbox(budget).await?;
        let called = touch::once(trial, &context, &mut *sandbox, turn).await;
        called.map_err(|why| format!("within {} ms of CPU time: {why}", budget.as_millis()))?;
        drop(sandbox.keep());
    }
    passed()
}
