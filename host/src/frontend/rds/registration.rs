//! Tells the installation's token storage which services there are.
//!
//! The shipped connectors register first and serve then, and end when the
//! storage is not there. Here a connector serves whatever the storage does,
//! and its registration is tried until it succeeds; on request the host ends
//! instead, for deployments that count on being started again.

mod attempt;
mod backoff;
mod payload;

pub use payload::{Archive, LoginForm, OAuth, Part, Registration, TransferMode};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus::{IntGauge, IntGaugeVec, Opts};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::attempt::{Registered, attempt};
use self::backoff::Backoff;
use super::installation::{Base, OnFailure};
use crate::dispatch::ConnectorId;
use crate::telemetry::metrics::{CONNECTOR, Metrics};

/// Registers connectors for as long as it lives.
pub struct Registrar {
    shared: Arc<Shared>,
    running: BTreeMap<ConnectorId, Running>,
    unregistered: mpsc::Receiver<Unregistered>,
}

struct Shared {
    client: reqwest::Client,
    storage: Base,
    timeout: Duration,
    on_failure: OnFailure,
    backoff: Backoff,
    registered: IntGaugeVec,
    failed: mpsc::Sender<Unregistered>,
}

struct Running {
    /// Tells whether there is something new to say.
    digest: blake3::Hash,
    _stop: DropGuard,
}

/// A service that could not be registered where it must be.
#[derive(Debug, thiserror::Error)]
#[error("`{service}` is not registered: {storage} {why}")]
pub struct Unregistered {
    service: String,
    storage: Base,
    why: String,
}

impl Registrar {
    /// Registers at a token storage.
    ///
    /// # Errors
    ///
    /// A metric's name that is taken.
    pub fn new(
        client: reqwest::Client,
        storage: Base,
        timeout: Duration,
        on_failure: OnFailure,
        metrics: &Metrics,
    ) -> prometheus::Result<Self> {
        let about = "Whether the token storage is known to know the connector's service.";
        let registered = IntGaugeVec::new(Opts::new("tenon_rds_registered", about), &[CONNECTOR])?;
        metrics.register(registered.clone())?;
        let (failed, unregistered) = mpsc::channel(1);
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                storage,
                timeout,
                on_failure,
                backoff: Backoff::default(),
                registered,
                failed,
            }),
            running: BTreeMap::new(),
            unregistered,
        })
    }

    /// Registers, on the current runtime, what is new or has changed, and
    /// stops trying with what is gone. Nothing is taken back from the storage:
    /// users' tokens hang on it, and another host may serve the connector.
    pub fn update(&mut self, wanted: Vec<(ConnectorId, Registration)>) {
        let mut before = std::mem::take(&mut self.running);
        for (connector, registration) in wanted {
            let body = registration.body();
            let digest = blake3::hash(body.expose_secret().as_bytes());
            let same = before
                .remove(&connector)
                .filter(|running| running.digest == digest);
            let running = same.unwrap_or_else(|| {
                let task = self.shared.clone().register(Task {
                    service: registration.service,
                    body,
                    gauge: self.gauge(&connector),
                    connector: connector.clone(),
                });
                let stop = CancellationToken::new();
                tokio::spawn(stop.clone().run_until_cancelled_owned(task));
                Running {
                    digest,
                    _stop: stop.drop_guard(),
                }
            });
            self.running.insert(connector, running);
        }
        for gone in before.keys() {
            let id = gone.to_string();
            _ = self.shared.registered.remove_label_values(&[id.as_str()]);
        }
    }

    /// Stops trying.
    pub fn stop(&mut self) {
        self.running.clear();
    }

    /// A failure after which the host must end. With [`OnFailure::Retry`]
    /// there is none.
    pub async fn unregistered(&mut self) -> Unregistered {
        match self.unregistered.recv().await {
            Some(unregistered) => unregistered,
            // The other end lives as long as this.
            None => std::future::pending().await,
        }
    }

    fn gauge(&self, connector: &ConnectorId) -> IntGauge {
        let id = connector.to_string();
        let gauge = self.shared.registered.with_label_values(&[id.as_str()]);
        gauge.set(0);
        gauge
    }
}

struct Task {
    connector: ConnectorId,
    service: String,
    body: SecretString,
    gauge: IntGauge,
}

impl Shared {
    async fn register(self: Arc<Self>, task: Task) {
        let (connector, service) = (&task.connector, task.service.as_str());
        let mut backoff = self.backoff.clone();
        let Some(url) = self.storage.at(&["service"]) else {
            return;
        };
        loop {
            match attempt(&self.client, url.clone(), &task.body, self.timeout).await {
                Ok(registered) => {
                    task.gauge.set(1);
                    return self.tell(connector, service, registered);
                }
                Err(failure) if self.on_failure == OnFailure::Exit => {
                    let unregistered = Unregistered {
                        service: task.service.clone(),
                        storage: self.storage.clone(),
                        why: failure.to_string(),
                    };
                    // One is enough to end the host.
                    _ = self.failed.try_send(unregistered);
                    return;
                }
                Err(failure) => {
                    let delay = backoff.delay();
                    tracing::warn!(
                        %connector, service, storage = %self.storage,
                        retry_ms = delay.as_millis() as u64,
                        "not registered: the token storage {failure}"
                    );
                    tokio::time::sleep(delay).await;
                }
            }
        }
    }

    fn tell(&self, connector: &ConnectorId, service: &str, registered: Registered) {
        let storage = &self.storage;
        match registered {
            Registered::Added => {
                tracing::info!(%connector, service, %storage, "registered");
            }
            Registered::Before => tracing::info!(
                %connector, service, %storage,
                "registered before; the token storage keeps what it was told then. For a change \
                 to take effect, DELETE {storage}/service/{service} and start the host again"
            ),
        }
    }
}

impl fmt::Debug for Registrar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registrar")
            .field("storage", &self.shared.storage)
            .field("connectors", &self.running.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
