//! Turns checked configuration into what the catalog and the frontends take.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::usage::Usages;
use crate::catalog::{Configured, Offered, Source};
use crate::config::{self, Config, Frontend};
use crate::dispatch::{ConnectorId, Tenant};
use crate::frontend::rds;
use crate::limits::TenantLimits;
use crate::telemetry::metrics::Metrics;

/// What connectors keep over reloads, beside themselves: their tenants'
/// counters, and what they have used.
#[derive(Debug)]
pub(super) struct Connectors {
    tenants: Mutex<HashMap<String, (TenantLimits, Arc<Tenant>)>>,
    usages: Usages,
}

impl Connectors {
    pub(super) fn new(metrics: &Metrics) -> anyhow::Result<Self> {
        let usages = Usages::new()?;
        metrics.register_for_operators(usages.clone())?;
        Ok(Self {
            tenants: Mutex::default(),
            usages,
        })
    }

    fn tenant(&self, name: &str, limits: TenantLimits) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        match tenants.get(name) {
            Some((known, tenant)) if *known == limits => tenant.clone(),
            _ => {
                let tenant = Arc::new(Tenant::new(&limits));
                tenants.insert(name.to_owned(), (limits, tenant.clone()));
                tenant
            }
        }
    }

    /// What the catalog needs of every connector.
    pub(super) fn configured(&self, config: &Config) -> Vec<(Configured, Source)> {
        let configured = |connector: &config::Connector| {
            let limits = config.tenants.get(connector.id.tenant()).cloned();
            let limits = limits.unwrap_or_default();
            let id = connector.id.to_string();
            let configured = Configured {
                id: connector.id.clone(),
                fingerprint: connector.fingerprint.bytes(),
                roles: connector.frontend.roles(),
                isolation: connector.isolation.clone(),
                config: Arc::new(connector.config.clone()),
                values: connector.values.clone(),
                grants: connector.grants.clone(),
                limits: connector.limits.clone(),
                tenant: self.tenant(connector.id.tenant(), limits),
                usage: self.usages.of(&id, &connector.grants, &connector.values),
            };
            (configured, source(connector))
        };
        let configured = config.connectors.iter().map(configured).collect();
        let connectors = config.connectors.iter();
        let ids: HashSet<_> = connectors
            .map(|connector| connector.id.to_string())
            .collect();
        self.usages.retain(|id| ids.contains(id));
        configured
    }
}

fn source(connector: &config::Connector) -> Source {
    match &connector.source {
        config::Source::Registry(reference) => Source::Registry(reference.clone()),
        config::Source::File(path) => Source::File(connector.offer.as_ref().map(|offer| Offered {
            path: path.display().to_string(),
            digest: offer.digest.clone(),
            bytes: offer.bytes.clone(),
        })),
    }
}

/// Where every `rds` connector answers.
pub(super) fn routes(config: &Config) -> Vec<rds::Route> {
    let route = |connector: &config::Connector| {
        let Frontend::Rds(rds) = &connector.frontend else {
            return None;
        };
        Some(rds::Route {
            connector: connector.id.clone(),
            hosts: rds.hosts.clone(),
            options: rds::Options {
                break_error_bodies: rds.break_error_bodies,
                request_body_bytes: connector.limits.request_body_bytes,
                service: rds.service.clone(),
                needs_credential: rds.needs_credential,
            },
        })
    };
    config.connectors.iter().filter_map(route).collect()
}

/// Every address the `rds` frontend listens on, and the connector to which it
/// leads alone.
pub(super) fn listen(config: &Config) -> BTreeMap<SocketAddr, Option<ConnectorId>> {
    let own = config.connectors.iter().filter_map(|connector| {
        let Frontend::Rds(rds) = &connector.frontend else {
            return None;
        };
        Some((rds.listen?, Some(connector.id.clone())))
    });
    own.chain([(config.host.rds, None)]).collect()
}
