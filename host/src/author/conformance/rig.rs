//! Connectors of the component under test, put together as the host does.

use std::sync::Arc;

use super::Error;
use super::client::Client;
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::capability::usage::Usage;
use crate::dispatch::{Connector, ConnectorId, Dispatcher, Parts, Scheduler, Tenant, Version};
use crate::limits::{Isolation, Limits, TenantLimits};
use crate::plugin::{Component, ComponentLauncher, Engine, Launcher, Settings};
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
}

impl Rig {
    /// Sandboxes of the component with this configuration.
    pub(super) fn launcher(&self, values: Values) -> Arc<dyn Launcher> {
        let settings = Settings {
            usage: Usage::new(&self.grants, &values),
            grants: self.grants.clone(),
            config: values,
            limits: self.limits.clone(),
        };
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
        let metrics = Metrics::new().map_err(|error| setup(&error))?;
        let scheduler = Scheduler::new(1).map_err(|error| setup(&error))?;
        let id: ConnectorId = SUBJECT.parse().map_err(|error| setup(&error))?;
        let parts = Parts {
            id: id.clone(),
            engine: self.engine.clone(),
            limits: self.limits.clone(),
            tenant: Arc::new(Tenant::new(&TenantLimits::default())),
            metrics: metrics.for_connector(SUBJECT),
            usage: Usage::new(&self.grants, &Values::default()),
        };
        let version = Version::new(self.component.digest.clone(), launcher);
        let connector = Connector::with_version(parts, version);
        let dispatcher = Dispatcher::new(scheduler);
        dispatcher.replace([Arc::new(connector)]);
        Ok(Client::new(Arc::new(dispatcher), id))
    }
}
