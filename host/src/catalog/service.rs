//! The catalog itself: what it is made of, and what the configuration makes
//! of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::intake::Known;
use super::loaded::Loaded;
use super::offers::{Offers, Standing};
use super::slot::Slot;
use super::{Actor, Configured, Refusal, Source, fit};
use crate::digest::Digest;
use crate::dispatch::{Connector, ConnectorId, Dispatcher, Parts};
use crate::persistence::{self, NewEvent, Persistence, Retention, Snapshot};
use crate::plugin::{Admission, Engine, Role};
use crate::registry::Registries;
use crate::telemetry::metrics::Metrics;

/// What the catalog works with.
pub struct Services {
    /// Where it is all stored.
    pub persistence: Persistence,
    /// Admits and loads components.
    pub admission: Arc<Admission>,
    /// Fetches artifacts.
    pub registries: Registries,
    /// Runs the connectors.
    pub dispatcher: Arc<Dispatcher>,
    /// Measures their CPU time.
    pub engine: Arc<Engine>,
    /// Counts their calls.
    pub metrics: Metrics,
    /// The runtime on which guests run.
    pub workers: Handle,
    /// What a clean-up leaves.
    pub retention: Retention,
    /// Whether a signature is needed.
    pub signed_only: bool,
    /// Why a connector is not ready, if it is not.
    pub reason: Reason,
    /// Told of every connector whose version changed.
    pub changed: mpsc::Sender<Changed>,
}

/// A connector runs another version.
#[derive(Debug)]
pub struct Changed {
    /// Which one.
    pub connector: ConnectorId,
    /// What its check said, where it was just asked.
    pub checked: Option<Result<(), String>>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// Says why a connector is not ready, if it is not.
pub type Reason = Arc<dyn Fn(&ConnectorId) -> Option<String> + Send + Sync>;

/// Decides and stores which connector runs which component.
pub struct Catalog {
    pub(super) persistence: Persistence,
    pub(super) admission: Arc<Admission>,
    pub(super) registries: Registries,
    pub(super) dispatcher: Arc<Dispatcher>,
    engine: Arc<Engine>,
    metrics: Metrics,
    pub(super) workers: Handle,
    pub(super) retention: Retention,
    pub(super) signed_only: bool,
    pub(super) reason: Reason,
    pub(super) changed: mpsc::Sender<Changed>,
    pub(super) loaded: Loaded,
    slots: Mutex<BTreeMap<ConnectorId, Arc<Slot>>>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").finish_non_exhaustive()
    }
}

/// A configuration that is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// Versions that run and would not fit it, with every reason.
    #[error("{}", .0.iter().map(|(id, why)| format!("{id}: {why}")).collect::<Vec<_>>().join("; "))]
    Misfits(Vec<(ConnectorId, String)>),
    /// The database failed.
    #[error(transparent)]
    Persistence(#[from] persistence::Error),
}

impl Catalog {
    /// A catalog without connectors.
    pub fn new(services: Services) -> Arc<Self> {
        Arc::new(Self {
            persistence: services.persistence,
            admission: services.admission,
            registries: services.registries,
            dispatcher: services.dispatcher,
            engine: services.engine,
            metrics: services.metrics,
            workers: services.workers,
            retention: services.retention,
            signed_only: services.signed_only,
            reason: services.reason,
            changed: services.changed,
            loaded: Loaded::default(),
            slots: Mutex::default(),
        })
    }

    /// The connectors that run something, whatever their files hold now.
    ///
    /// # Errors
    ///
    /// [`Refusal::Persistence`].
    pub async fn activated(&self) -> Result<BTreeSet<String>, Refusal> {
        let snapshot = self.persistence.snapshot().await?;
        Ok(snapshot.activations.into_keys().collect())
    }

    /// Takes over a configuration: connectors come and go, and those that are
    /// configured anew go on with the version they run. What files and
    /// configuration offer is left for [`Catalog::take_offers`].
    ///
    /// # Errors
    ///
    /// [`ConfigureError`]; nothing changes.
    pub async fn configure(
        self: &Arc<Self>,
        connectors: Vec<(Configured, Source)>,
    ) -> Result<Offers, ConfigureError> {
        let snapshot = self.persistence.snapshot().await?;
        // Kept until its connectors hold it, or it would be loaded again.
        let _loaded = self.check_fit(&snapshot, &connectors).await?;
        let before = self.slots();
        let mut slots = BTreeMap::new();
        let mut offers = Offers::default();
        for (configured, source) in connectors {
            let id = configured.id.clone();
            let known = before.get(&id);
            let same = known.filter(|slot| slot.configured.fingerprint == configured.fingerprint);
            let slot = match same {
                Some(slot) => slot.clone(),
                None => self.slot(configured, known),
            };
            let standing = match (known, same) {
                (None, _) => Standing::New,
                (Some(_), None) => Standing::Changed,
                (Some(_), Some(_)) => Standing::Same,
            };
            if standing != Standing::Same {
                self.converge(&slot, &snapshot).await;
            }
            offers.add(&slot, source, standing);
            slots.insert(id, slot);
        }
        self.dispatcher
            .replace(slots.values().map(|slot| slot.connector.clone()));
        *self.slots.lock().unwrap_or_else(PoisonError::into_inner) = slots;
        Ok(offers)
    }

    async fn check_fit(
        &self,
        snapshot: &Snapshot,
        connectors: &[(Configured, Source)],
    ) -> Result<Vec<Known>, ConfigureError> {
        let (mut misfits, mut loaded) = (Vec::new(), Vec::new());
        for (configured, _) in connectors {
            let Some(activation) = snapshot.activations.get(&configured.id.to_string()) else {
                continue;
            };
            // One that cannot be loaded says so when it is to run.
            if let Ok(Some(known)) = self.known(&activation.digest).await {
                let problems = fit::problems(&known.facts, configured);
                let named = |why| (configured.id.clone(), format!("{} {why}", known.facts.name));
                misfits.extend(problems.into_iter().map(named));
                loaded.push(known);
            }
        }
        if misfits.is_empty() {
            Ok(loaded)
        } else {
            Err(ConfigureError::Misfits(misfits))
        }
    }

    fn slot(&self, configured: Configured, before: Option<&Arc<Slot>>) -> Arc<Slot> {
        let connector = Connector::new(Parts {
            id: configured.id.clone(),
            engine: self.engine.clone(),
            limits: configured.limits.clone(),
            tenant: configured.tenant.clone(),
            metrics: self.metrics.for_connector(&configured.id.to_string()),
            usage: configured.usage.clone(),
        });
        Arc::new(Slot::new(configured, connector, before.map(AsRef::as_ref)))
    }

    /// The connectors as they are configured now.
    pub(super) fn slots(&self) -> BTreeMap<ConnectorId, Arc<Slot>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.clone()
    }

    pub(super) fn find(&self, id: &ConnectorId) -> Result<Arc<Slot>, Refusal> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.get(id).cloned();
        slot.ok_or_else(|| Refusal::NoConnector(id.clone()))
    }

    /// The roles that a connector's version plays; none before its first.
    pub fn roles(&self, id: &ConnectorId) -> BTreeSet<Role> {
        let active = self.find(id).ok().and_then(|slot| slot.connector.active());
        let offers = |role: &Role| active.as_ref().is_some_and(|version| version.offers(*role));
        Role::ALL.into_iter().filter(offers).collect()
    }

    /// Notes that something was refused, and passes the refusal on.
    pub(super) async fn refused(
        &self,
        action: &str,
        connector: Option<&ConnectorId>,
        digest: Option<&Digest>,
        refusal: Refusal,
        by: &Actor,
    ) -> Refusal {
        let connector = connector.map(ToString::to_string);
        tracing::warn!(
            action,
            connector,
            digest = digest.map(Digest::short),
            code = refusal.code(),
            by = by.as_str(),
            "{refusal}"
        );
        let event = NewEvent {
            actor: by.as_str(),
            action,
            connector: connector.as_deref(),
            digest,
            detail: serde_json::json!({ "code": refusal.code(), "message": refusal.to_string() }),
        };
        if let Err(error) = self.persistence.note(event).await {
            tracing::error!("a refusal could not be stored: {error}");
        }
        refusal
    }
}
