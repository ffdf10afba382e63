//! Sets up the catalog, and hands it what the configuration says.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use prometheus::PullingGauge;
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::connectors::Connectors;
use super::readiness::Readiness;
use crate::catalog::{Actor, Catalog, Changed, ConfigureError, Offers, Services};
use crate::config::{Config, Problem, Problems};
use crate::dispatch::{ConnectorId, Dispatcher};
use crate::persistence::Persistence;
use crate::plugin::{Admission, Cache, Engine};
use crate::registry::Registries;
use crate::telemetry::metrics::Metrics;

/// Changes of versions that may wait to be told of: far more than connectors.
const CHANGES_MAX: usize = 1 << 16;
const CLEAN_UP_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);

/// The catalog, and what it takes from one configuration to the next.
pub(super) struct Life {
    pub(super) catalog: Arc<Catalog>,
    pub(super) persistence: Persistence,
    connectors: Connectors,
    changed: mpsc::Receiver<Changed>,
}

impl Life {
    /// Opens the database, and begins to follow what other hosts do.
    pub(super) async fn start(
        config: &Config,
        dispatcher: &Arc<Dispatcher>,
        readiness: &Readiness,
        metrics: &Metrics,
        workers: &Handle,
    ) -> anyhow::Result<Self> {
        let host = &config.host;
        let engine = Engine::new(&host.engine)?;
        let cache = Cache::open(&host.cache)?;
        let compiler = std::env::current_exe().context("cannot find this program's file")?;
        let limits = host.catalog.admission.clone();
        let persistence = Persistence::open(host.catalog.database.expose_secret()).await?;
        metrics.register_for_operators(reachable(&persistence)?)?;
        let (changed, changes) = mpsc::channel(CHANGES_MAX);
        let catalog = Catalog::new(Services {
            persistence: persistence.clone(),
            admission: Arc::new(Admission::new(engine.clone(), cache, limits, compiler)),
            registries: Registries::new(host.registry.clone()),
            dispatcher: dispatcher.clone(),
            engine,
            metrics: metrics.clone(),
            workers: workers.clone(),
            retention: host.catalog.retention.clone(),
            signed_only: host.catalog.signed_only,
            reason: readiness.reason(),
            changed,
        });
        Ok(Self {
            catalog,
            persistence,
            connectors: Connectors::new(metrics)?,
            changed: changes,
        })
    }

    /// Takes over a configuration, or says what is wrong with it and changes
    /// nothing.
    pub(super) async fn configure(&self, config: &Config) -> anyhow::Result<Offers> {
        self.check_plugins(config).await?;
        let configured = self.connectors.configured(config);
        match self.catalog.configure(configured).await {
            Ok(offers) => Ok(offers),
            Err(ConfigureError::Misfits(misfits)) => {
                let problem = |(id, message): (ConnectorId, String)| {
                    let mut connectors = config.connectors.iter();
                    let connector = connectors.find(|connector| connector.id == id);
                    Problem {
                        file: connector.map(|c| c.file.clone()).unwrap_or_default(),
                        line: None,
                        column: None,
                        key: "plugin".to_owned(),
                        message: format!("what it runs would not fit: {message}"),
                    }
                };
                Err(Problems::new(misfits.into_iter().map(problem).collect()).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A plugin that is missing, or is granted less than it imports, is a
    /// mistake of the configuration, unless its connector has something else to
    /// run. A file that is no plugin is not: it is refused like any other that
    /// comes later, and holds up no other connector.
    async fn check_plugins(&self, config: &Config) -> anyhow::Result<()> {
        let misfits = &config.plugin_problems.misfits;
        if misfits.is_empty() {
            return Ok(());
        }
        let activated = self.catalog.activated().await?;
        let runs = |problem: &Problem| {
            let mut connectors = config.connectors.iter();
            let connector = connectors.find(|connector| connector.file == problem.file);
            connector.is_some_and(|connector| activated.contains(&connector.id.to_string()))
        };
        let problems = misfits.iter().cloned();
        let (harmless, fatal): (Vec<_>, Vec<_>) = problems.partition(runs);
        if !fatal.is_empty() {
            return Err(Problems::new(fatal).into());
        }
        for problem in harmless {
            tracing::warn!("{problem}; the connector goes on with what it runs");
        }
        Ok(())
    }

    /// Follows other hosts, and cleans up once a day, for as long as it is
    /// polled.
    pub(super) async fn keep_up(catalog: Arc<Catalog>) {
        let clean = async {
            let mut days = tokio::time::interval(CLEAN_UP_PERIOD);
            loop {
                days.tick().await;
                if let Err(error) = catalog.prune(&Actor::host()).await {
                    tracing::warn!("the catalog was not cleaned up: {error}");
                }
            }
        };
        tokio::join!(catalog.clone().follow(), clean);
    }

    /// The next connector whose version changed.
    pub(super) async fn changed(&mut self) -> Option<Changed> {
        self.changed.recv().await
    }
}

fn reachable(persistence: &Persistence) -> prometheus::Result<PullingGauge> {
    let persistence = persistence.clone();
    PullingGauge::new(
        "tenon_database_reachable",
        "Whether the latest look at the database succeeded.",
        Box::new(move || f64::from(u8::from(persistence.is_reachable()))),
    )
}
