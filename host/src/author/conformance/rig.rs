//! Connectors of the component under test, put together as the host does.

use std::sync::Arc;

use super::client::Client;
use super::{Beside, Error};
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::capability::usage::Usage;
use crate::dispatch::{Connector, ConnectorId, Dispatcher, Parts, Scheduler, Tenant, Version};
use crate::limits::{Isolation, Limits, TenantLimits};
use crate::plugin::{Cache, Component, ComponentLauncher, Engine, Launcher, Settings};
use crate::telemetry::metrics::Metrics;

/// The connector's name.
const SUBJECT: &str = "subject";

/// A component in one profile and isolation.
#[derive(Debug)]
pub(super) struct Rig {
    pub(super) engine: Arc<Engine>,
    pub(super) component: Arc<Component>,
    pub(super) isolation: Isolation,
    pub(super) grants: Arc<Grants>,
    pub(super) limits: Arc<Limits>,
    /// What it calls, if it may.
    pub(super) database: Option<Arc<Connector>>,
}

/// A connector that works as it should.
pub(super) fn beside(
    engine: &Arc<Engine>,
    cache: &Cache,
    beside: &Beside,
) -> Result<Arc<Connector>, Error> {
    let component = Arc::new(Component::load(engine, cache, &beside.component)?);
    let digest = component.digest.clone();
    let settings = settings(&beside.grants, beside.values.clone(), &beside.limits);
    let launcher = ComponentLauncher::new(component, settings, Isolation::Call);
    let version = Version::new(digest, Arc::new(launcher));
    connector(engine, &beside.id, &beside.limits, &beside.grants, version)
}

fn settings(grants: &Arc<Grants>, values: Values, limits: &Arc<Limits>) -> Settings {
    Settings {
        usage: Usage::new(grants, &values),
        grants: grants.clone(),
        config: values,
        limits: limits.clone(),
    }
}

fn connector(
    engine: &Arc<Engine>,
    id: &ConnectorId,
    limits: &Arc<Limits>,
    grants: &Arc<Grants>,
    version: Arc<Version>,
) -> Result<Arc<Connector>, Error> {
    let metrics = Metrics::new().map_err(|error| Error::Setup(error.to_string()))?;
    let parts = Parts {
        id: id.clone(),
        engine: engine.clone(),
        limits: limits.clone(),
        tenant: Arc::new(Tenant::new(&TenantLimits::default())),
        metrics: metrics.for_connector(&id.to_string()),
        usage: Usage::new(grants, &Values::default()),
    };
    Ok(Arc::new(Connector::with_version(parts, version)))
}

impl Rig {
    /// Sandboxes of the component with this configuration.
    pub(super) fn launcher(&self, values: Values) -> Arc<dyn Launcher> {
        let settings = settings(&self.grants, values, &self.limits);
        let component = self.component.clone();
        Arc::new(ComponentLauncher::new(
            component,
            settings,
            self.isolation.clone(),
        ))
    }

    /// A caller of a connector with these sandboxes.
    pub(super) fn client(&self, launcher: Arc<dyn Launcher>) -> Result<Client, Error> {
        let setup = |error: &dyn std::fmt::Display| Error::Setup(error.to_string());
        let scheduler = Scheduler::new(1).map_err(|error| setup(&error))?;
        let id: ConnectorId = SUBJECT.parse().map_err(|error| setup(&error))?;
        let version = Version::new(self.component.digest.clone(), launcher);
        let subject = connector(&self.engine, &id, &self.limits, &self.grants, version)?;
        let dispatcher = Dispatcher::new(scheduler);
        dispatcher.replace([subject].into_iter().chain(self.database.clone()));
        Ok(Client::new(Arc::new(dispatcher), id))
    }
}
