//! Which connectors can reach the system behind them.
//!
//! A connector is asked when it is activated, and again for as long as it says
//! no. One that said yes is not asked any more: its calls show what becomes of
//! it, and the system behind is spared the probes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::admin::Status;
use crate::catalog;
use crate::dispatch::{Call, ConnectorId, Dispatcher, lifecycle};
use crate::frontend::rds;

/// Between two questions to a connector that is not ready.
const RETRY: Duration = Duration::from_secs(10);
const STARTING: &str = "starting";

/// The answers so far. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Readiness {
    dispatcher: Arc<Dispatcher>,
    workers: Handle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    draining: bool,
    connectors: BTreeMap<ConnectorId, Asked>,
}

#[derive(Debug)]
struct Asked {
    /// Why it is not ready, if it is not.
    reason: Option<String>,
    /// Ends the questions once there is something else to ask.
    _asking: Option<DropGuard>,
}

impl Readiness {
    pub(super) fn new(dispatcher: Arc<Dispatcher>, workers: Handle) -> Self {
        Self {
            dispatcher,
            workers,
            state: Arc::default(),
        }
    }

    /// Knows these connectors from now on, and no others. Those that were known
    /// before stay as they are.
    pub(super) fn keep(&self, connectors: &BTreeSet<ConnectorId>) {
        self.change(|state| {
            state.connectors.retain(|id, _| connectors.contains(id));
            for id in connectors {
                state.connectors.entry(id.clone()).or_insert_with(|| Asked {
                    reason: Some(STARTING.to_owned()),
                    _asking: None,
                });
            }
        });
    }

    /// Asks a connector whose version or configuration is new, unless what it
    /// says is known.
    pub(super) fn ask(&self, id: &ConnectorId, checked: Option<Result<(), String>>) {
        let stop = CancellationToken::new();
        let known = self.change(|state| {
            let asked = state.connectors.get_mut(id)?;
            asked._asking = Some(stop.clone().drop_guard());
            Some(())
        });
        if known.is_none() {
            return;
        }
        let patience = match checked {
            None => Duration::ZERO,
            Some(Ok(())) => {
                self.told(id, None);
                return;
            }
            Some(Err(reason)) => {
                self.told(id, Some(reason));
                RETRY
            }
        };
        let asking = self.clone().ask_until_ready(id.clone(), patience);
        // Guests run on the workers alone.
        self.workers.spawn(stop.run_until_cancelled_owned(asking));
    }

    fn told(&self, id: &ConnectorId, reason: Option<String>) {
        match &reason {
            None => tracing::info!(connector = %id, "ready"),
            Some(reason) => tracing::warn!(connector = %id, "not ready: {reason}"),
        }
        self.change(|state| {
            // It may have been replaced meanwhile.
            if let Some(asked) = state.connectors.get_mut(id) {
                asked.reason = reason;
            }
        });
    }

    /// From now on the host is not ready.
    pub(super) fn drain(&self) {
        self.change(|state| {
            state.draining = true;
            for asked in state.connectors.values_mut() {
                asked._asking = None;
            }
        });
    }

    /// What the admin listener shows.
    pub(super) fn status(&self) -> Arc<dyn Fn() -> Status + Send + Sync> {
        let this = self.clone();
        Arc::new(move || {
            this.change(|state| Status {
                draining: state.draining,
                connectors: state
                    .connectors
                    .iter()
                    .map(|(id, asked)| (id.to_string(), asked.reason.clone()))
                    .collect(),
            })
        })
    }

    /// What a connector's own address shows.
    pub(super) fn of_connector(&self) -> rds::Readiness {
        let this = self.clone();
        Arc::new(move |connector| {
            this.change(|state| {
                if state.draining {
                    return Err("draining".to_owned());
                }
                let asked = connector.and_then(|id| state.connectors.get(id));
                match asked.and_then(|asked| asked.reason.clone()) {
                    Some(reason) => Err(reason),
                    None => Ok(()),
                }
            })
        })
    }

    /// What the catalog shows.
    pub(super) fn reason(&self) -> catalog::Reason {
        let this = self.clone();
        Arc::new(move |id| {
            this.change(|state| match state.connectors.get(id) {
                Some(asked) => asked.reason.clone(),
                None => Some(STARTING.to_owned()),
            })
        })
    }

    async fn ask_until_ready(self, id: ConnectorId, patience: Duration) {
        tokio::time::sleep(patience).await;
        loop {
            let call = Call::of_host(id.clone(), Uuid::now_v7().to_string());
            let answer = self.dispatcher.call(call, lifecycle::Check).await;
            let ready = answer.is_ok();
            self.told(&id, answer.err().map(|error| error.message().to_owned()));
            if ready {
                return;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Whatever panicked, the answers are whole.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
