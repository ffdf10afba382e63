//! Which connectors can reach the system behind them.
//!
//! A connector is asked when it is activated, and again for as long as it says
//! no. One that said yes is not asked any more: its calls show what becomes of
//! it, and the system behind is spared the probes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::admin::Status;
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
    /// Why each connector is not ready, if it is not.
    reasons: BTreeMap<ConnectorId, Option<String>>,
    /// Ends the questions of a configuration that is replaced.
    asking: Option<DropGuard>,
}

impl Readiness {
    pub(super) fn new(dispatcher: Arc<Dispatcher>, workers: Handle) -> Self {
        Self {
            dispatcher,
            workers,
            state: Arc::default(),
        }
    }

    /// Begins to ask these connectors, and no others.
    pub(super) fn watch(&self, connectors: impl Iterator<Item = ConnectorId>) {
        let stop = CancellationToken::new();
        let connectors: Vec<_> = connectors.collect();
        let starting = |id: &ConnectorId| (id.clone(), Some(STARTING.to_owned()));
        self.change(|state| {
            state.reasons = connectors.iter().map(starting).collect();
            state.asking = Some(stop.clone().drop_guard());
        });
        for id in connectors {
            let asked = stop.clone().run_until_cancelled_owned(self.clone().ask(id));
            // Guests run on the workers alone.
            self.workers.spawn(asked);
        }
    }

    /// From now on the host is not ready.
    pub(super) fn drain(&self) {
        self.change(|state| {
            state.draining = true;
            state.asking = None;
        });
    }

    /// What the admin listener shows.
    pub(super) fn status(&self) -> Arc<dyn Fn() -> Status + Send + Sync> {
        let this = self.clone();
        Arc::new(move || {
            this.change(|state| Status {
                draining: state.draining,
                connectors: state
                    .reasons
                    .iter()
                    .map(|(id, reason)| (id.to_string(), reason.clone()))
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
                match connector.and_then(|id| state.reasons.get(id).cloned().flatten()) {
                    Some(reason) => Err(reason),
                    None => Ok(()),
                }
            })
        })
    }

    async fn ask(self, id: ConnectorId) {
        loop {
            let call = Call {
                connector: id.clone(),
                request_id: Uuid::now_v7().to_string(),
                user: None,
                credential: None,
                trace_parent: None,
            };
            let answer = self.dispatcher.call(call, lifecycle::Check).await;
            let ready = answer.is_ok();
            let reason = answer.err().map(|error| {
                tracing::warn!(connector = %id, "not ready: {error}");
                error.message().to_owned()
            });
            self.change(|state| {
                // It may have been replaced meanwhile.
                if let Some(known) = state.reasons.get_mut(&id) {
                    *known = reason;
                }
            });
            if ready {
                tracing::info!(connector = %id, "ready");
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
