//! The state of a version that lives over calls, carried into the version that
//! has just taken its place.
//!
//! The call in progress ends, or is asked to; the old version saves, the new
//! one restores, and then the calls that have waited go on. A plugin that
//! cannot, will not, or takes too long costs the state and nothing else: the
//! new version starts empty, and the log says why.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::Version;
use crate::capability::call::Context;
use crate::capability::log::printable;
use crate::plugin::{CpuMeter, Engine, Failure, Hold, Role, Sandbox, Slice};

/// Longest reason in the log, in bytes: a plugin may have written it.
const REASON_BYTES_MAX: usize = 512;

/// One hand-over.
pub(super) struct HandOver {
    pub(super) connector: Arc<str>,
    pub(super) engine: Arc<Engine>,
    /// What the plugin may compute for each of its two parts.
    pub(super) cpu: Duration,
    pub(super) old: Arc<Version>,
    pub(super) new: Arc<Version>,
}

enum Handed {
    /// Bytes of state.
    Over(usize),
    /// There was no sandbox, and so no state.
    Nothing,
}

impl HandOver {
    /// Carries it out, and lets the calls go that `hold` keeps waiting.
    pub(super) async fn run(self, hold: Hold) {
        self.old.launcher().retire();
        let timeout = Duration::from_millis(hold.rules.handoff_ms);
        let state_bytes_max = hold.rules.state_bytes_max;
        let handed = tokio::time::timeout(timeout, self.carry(state_bytes_max)).await;
        self.old.launcher().close();
        let timed_out = || Err(format!("it took more than {} ms", hold.rules.handoff_ms));
        let handed = handed.unwrap_or_else(|_| timed_out());
        drop(hold);
        let connector = &*self.connector;
        let (from, to) = (self.old.digest().short(), self.new.digest().short());
        match handed {
            Ok(Handed::Over(bytes)) => {
                tracing::info!(connector, from, to, bytes, "state handed over");
            }
            Ok(Handed::Nothing) => {
                tracing::info!(connector, from, to, "replaced; there was no state");
            }
            Err(reason) => {
                let reason = printable(&reason, REASON_BYTES_MAX);
                tracing::warn!(
                    connector,
                    from,
                    to,
                    "no state was handed over, the new version starts empty: {reason}"
                );
            }
        }
    }

    async fn carry(&self, state_bytes_max: u64) -> Result<Handed, String> {
        for (version, which) in [(&self.old, "old"), (&self.new, "new")] {
            if !version.offers(Role::Handoff) {
                return Err(format!("the {which} version does not offer `handoff`"));
            }
        }
        let Some(state) = self.save().await? else {
            return Ok(Handed::Nothing);
        };
        if state.len() as u64 > state_bytes_max {
            let len = state.len();
            return Err(format!(
                "{len} bytes are more than isolation.state_bytes_max ({state_bytes_max})"
            ));
        }
        let bytes = state.len();
        self.restore(state).await?;
        Ok(Handed::Over(bytes))
    }

    async fn save(&self) -> Result<Option<Vec<u8>>, String> {
        let (context, cpu) = self.call("handoff.save");
        let launcher = self.old.launcher();
        let recalled = launcher.recall(context, cpu.clone(), false).await;
        let Some(mut sandbox) = recalled.map_err(|failure| told("save", &failure))? else {
            return Ok(None);
        };
        let save = async move {
            // The sandbox is dropped whatever comes of it.
            match sandbox.handoff() {
                Ok(handoff) => handoff.save().await,
                Err(failure) => Err(failure),
            }
        };
        let saved = Slice::new(cpu, save).await;
        saved.map(Some).map_err(|failure| told("save", &failure))
    }

    async fn restore(&self, state: Vec<u8>) -> Result<(), String> {
        let (context, cpu) = self.call("handoff.restore");
        let new = self.new.clone();
        let metered = cpu.clone();
        let restore = async move {
            let sandbox = new.launcher().recall(context, cpu, true).await?;
            let mut sandbox = sandbox.ok_or(Failure::Replaced)?;
            // One that has failed half-way is dropped: the next call starts another.
            sandbox.handoff()?.restore(&state).await?;
            let surplus: Option<Box<dyn Sandbox>> = sandbox.keep();
            drop(surplus);
            Ok(())
        };
        let restored = Slice::new(metered, restore).await;
        restored.map_err(|failure: Failure| told("restore", &failure))
    }

    fn call(&self, operation: &str) -> (Arc<Context>, Arc<CpuMeter>) {
        let context = Context::new(operation.to_owned(), self.connector.clone());
        (Arc::new(context), self.engine.cpu_meter(self.cpu))
    }
}

/// What a plugin answers is part of the reason.
fn told(step: &str, failure: &Failure) -> String {
    let said: &dyn Display = match failure {
        Failure::Answered(error) => &super::Error::from(Failure::Answered(error.clone())),
        other => other,
    };
    format!("`{step}`: {said}")
}
