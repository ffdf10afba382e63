//! The host's side of the RDS installation it is part of: what is asked of it
//! and what it is told.

use tokio::runtime::Handle;

use super::client;
use crate::catalog::Catalog;
use crate::config::{Config, Frontend, Host};
use crate::dispatch::ConnectorId;
use crate::frontend::rds::{self, Registrar, Registration};
use crate::telemetry::metrics::Metrics;

/// Variables of the charts that mean nothing here, and why.
const UNUSED: [(&str, &str); 1] = [(
    "OPENAPI_MULTIPLE_FILES",
    "each connector describes itself at /storage/openapi.json and /metadata/openapi.json",
)];

/// Tells of variables that somebody may believe in.
pub(super) fn tell_unused() {
    for (name, why) in UNUSED {
        if std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            tracing::info!("{name} is set and not used: {why}");
        }
    }
}

/// Where credentials are looked up, if anywhere.
pub(super) fn tokens(host: &Host) -> anyhow::Result<rds::Tokens> {
    let installation = &host.installation;
    let Some(port_service) = installation.port_service.clone() else {
        return Ok(rds::Tokens::default());
    };
    let client = client::build(&host.http)?;
    Ok(rds::Tokens::new(
        client,
        port_service,
        installation.lookup_timeout,
    ))
}

/// Registers connectors, where there is a token storage.
pub(super) struct Registrations {
    workers: Handle,
    registrar: Option<Registrar>,
}

impl Registrations {
    pub(super) fn new(host: &Host, workers: Handle, metrics: &Metrics) -> anyhow::Result<Self> {
        let installation = &host.installation;
        let registrar = match installation.token_storage.clone() {
            None => None,
            Some(storage) => Some(Registrar::new(
                client::build(&host.http)?,
                storage,
                installation.registration_timeout,
                installation.on_failure,
                metrics,
            )?),
        };
        Ok(Self { workers, registrar })
    }

    /// Tells of what is new in a configuration.
    pub(super) fn update(&mut self, config: &Config, catalog: &Catalog) {
        if let Some(registrar) = &mut self.registrar {
            let _runtime = self.workers.enter();
            registrar.update(wanted(config, catalog));
        }
    }

    /// Tells nothing more.
    pub(super) fn stop(&mut self) {
        if let Some(registrar) = &mut self.registrar {
            registrar.stop();
        }
    }

    /// What the host must end for, if it comes to that.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match &mut self.registrar {
            Some(registrar) => registrar.unregistered().await.into(),
            None => std::future::pending().await,
        }
    }
}

/// A connector that runs nothing yet has nothing to offer.
fn wanted(config: &Config, catalog: &Catalog) -> Vec<(ConnectorId, Registration)> {
    let wanted = config.connectors.iter().filter_map(|connector| {
        let Frontend::Rds(rds) = &connector.frontend else {
            return None;
        };
        let registration = rds.registration_as(&catalog.roles(&connector.id))?;
        Some((connector.id.clone(), registration))
    });
    wanted.collect()
}
