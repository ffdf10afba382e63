//! Turns checked configuration into connectors that can be called.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use super::usage::Usages;
use crate::config::{self, Config, Frontend, Host};
use crate::dispatch::{self, ConnectorId, Parts, Tenant};
use crate::frontend::rds;
use crate::limits::TenantLimits;
use crate::plugin::{Cache, Component, ComponentLauncher, Engine, Settings};
use crate::telemetry::metrics::Metrics;

/// What all connectors share over every reload.
#[derive(Debug)]
pub(super) struct Connectors {
    engine: Arc<Engine>,
    cache: Cache,
    metrics: Metrics,
    usages: Usages,
}

impl Connectors {
    pub(super) fn new(host: &Host, metrics: Metrics) -> anyhow::Result<Self> {
        let usages = Usages::new()?;
        metrics.register_for_operators(usages.clone())?;
        Ok(Self {
            usages,
            engine: Engine::new(&host.engine)?,
            cache: Cache::open(&host.cache)?,
            metrics,
        })
    }

    /// Compiles what is not in the cache, which takes seconds, and puts every
    /// connector together.
    pub(super) fn build(&self, config: &Config) -> anyhow::Result<Vec<dispatch::Connector>> {
        let mut components = HashMap::new();
        let mut tenants = HashMap::new();
        let mut connectors = Vec::new();
        for connector in &config.connectors {
            let component = self.component(&mut components, &connector.component)?;
            let id = connector.id.to_string();
            let usage = self.usages.of(&id, &connector.grants, &connector.values);
            let settings = Settings {
                usage: usage.clone(),
                grants: connector.grants.clone(),
                config: connector.values.clone(),
                limits: connector.limits.clone(),
            };
            let isolation = connector.isolation.clone();
            let tenant = tenants
                .entry(connector.id.tenant())
                .or_insert_with_key(|name| {
                    let limits = config.tenants.get(*name);
                    Arc::new(Tenant::new(limits.unwrap_or(&TenantLimits::default())))
                });
            connectors.push(dispatch::Connector::new(Parts {
                id: connector.id.clone(),
                launcher: Arc::new(ComponentLauncher::new(component, settings, isolation)),
                engine: self.engine.clone(),
                limits: connector.limits.clone(),
                tenant: tenant.clone(),
                metrics: self.metrics.for_connector(&id),
                usage,
            }));
        }
        let configured: HashSet<_> = config
            .connectors
            .iter()
            .map(|it| it.id.to_string())
            .collect();
        self.usages.retain(|id| configured.contains(id));
        Ok(connectors)
    }

    /// One component for all connectors that run the same file.
    fn component(
        &self,
        loaded: &mut HashMap<PathBuf, Arc<Component>>,
        path: &PathBuf,
    ) -> anyhow::Result<Arc<Component>> {
        if let Some(component) = loaded.get(path) {
            return Ok(component.clone());
        }
        let component = Component::load(&self.engine, &self.cache, path);
        let component = Arc::new(component.with_context(|| path.display().to_string())?);
        loaded.insert(path.clone(), component.clone());
        Ok(component)
    }
}

/// Where every `rds` connector answers.
pub(super) fn routes(config: &Config) -> Vec<rds::Route> {
    let route = |connector: &config::Connector| {
        let Frontend::Rds(rds) = &connector.frontend;
        rds::Route {
            connector: connector.id.clone(),
            hosts: rds.hosts.clone(),
            options: rds::Options {
                break_error_bodies: rds.break_error_bodies,
                request_body_bytes: connector.limits.request_body_bytes,
                service: rds.service.clone(),
                needs_credential: rds.needs_credential,
            },
        }
    };
    config.connectors.iter().map(route).collect()
}

/// Every address the `rds` frontend listens on, and the connector to which it
/// leads alone.
pub(super) fn listen(config: &Config) -> BTreeMap<SocketAddr, Option<ConnectorId>> {
    let own = config.connectors.iter().filter_map(|connector| {
        let Frontend::Rds(rds) = &connector.frontend;
        Some((rds.listen?, Some(connector.id.clone())))
    });
    own.chain([(config.host.rds, None)]).collect()
}
