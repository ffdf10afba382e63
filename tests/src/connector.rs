//! Connectors put together in process, without configuration files: for
//! suites that look at one sandbox, and for the bench.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tenon_host::capability::Grants;
use tenon_host::capability::usage::Usage;
use tenon_host::digest::Digest;
use tenon_host::dispatch::{
    Call, Connector, ConnectorId, Dispatcher, Parts, Scheduler, Tenant, Version,
};
use tenon_host::limits::{Isolation, Limits, TenantLimits};
use tenon_host::plugin::{
    Cache, Component, ComponentLauncher, Engine, EngineConfig, Launcher, Settings,
};
use tenon_host::telemetry::metrics::Metrics;

use crate::artefact;

/// One engine serves a whole test binary, as one serves a whole host.
///
/// # Panics
///
/// When the machine cannot run it.
pub fn engine() -> &'static Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&EngineConfig::default()).expect("an engine"))
}

/// A component file, compiled or taken from the cache of the suites.
///
/// # Panics
///
/// When it is no plugin.
pub fn component(path: &Path) -> Arc<Component> {
    component_for(engine(), path)
}

fn component_for(engine: &Arc<Engine>, path: &Path) -> Arc<Component> {
    let cache = Cache::open(&artefact::root().join("target/test-cache")).expect("a cache");
    let loaded = Component::load(engine, &cache, path);
    Arc::new(loaded.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Starts sandboxes of a component with nothing granted and the default
/// limits.
pub fn launcher(component: Arc<Component>, isolation: Isolation) -> ComponentLauncher {
    let (grants, config) = (Arc::<Grants>::default(), Arc::default());
    let settings = Settings {
        usage: Usage::new(&grants, &config),
        grants,
        config,
        limits: Arc::new(Limits::default()),
    };
    ComponentLauncher::new(component, settings, isolation)
}

/// A connector to be put together.
#[derive(Debug)]
pub struct Plan {
    /// What runs it.
    pub engine: Arc<Engine>,
    /// The component file.
    pub plugin: std::path::PathBuf,
    /// What it may reach.
    pub grants: Grants,
    /// Its configuration table.
    pub config: BTreeMap<String, String>,
    /// What it may use.
    pub limits: Limits,
    /// How long its sandboxes live.
    pub isolation: Isolation,
}

impl Plan {
    /// A connector with nothing granted and the default limits.
    pub fn new(plugin: impl Into<std::path::PathBuf>) -> Self {
        Self {
            engine: engine().clone(),
            plugin: plugin.into(),
            grants: Grants::default(),
            config: BTreeMap::new(),
            limits: Limits::default(),
            isolation: Isolation::default(),
        }
    }

    /// Puts it together under a name.
    pub fn build(self, name: &str) -> Arc<Connector> {
        let (engine, limits, version, usage) = self.parts();
        assemble(engine, name, limits, version, usage)
    }

    /// The version alone, for a connector that runs another.
    pub fn version(self) -> Arc<Version> {
        self.parts().2
    }

    fn parts(self) -> (Arc<Engine>, Arc<Limits>, Arc<Version>, Arc<Usage>) {
        let limits = Arc::new(self.limits);
        let config = Arc::new(self.config);
        let usage = Usage::new(&self.grants, &config);
        let settings = Settings {
            grants: Arc::new(self.grants),
            config,
            limits: limits.clone(),
            usage: usage.clone(),
        };
        let component = component_for(&self.engine, &self.plugin);
        let digest = component.digest.clone();
        let launcher = ComponentLauncher::new(component, settings, self.isolation);
        let version = Version::new(digest, Arc::new(launcher));
        (self.engine, limits, version, usage)
    }
}

/// A connector around any launcher.
///
/// # Panics
///
/// When `name` is no name.
pub fn connector(name: &str, launcher: Arc<dyn Launcher>, limits: Arc<Limits>) -> Arc<Connector> {
    let version = Version::new(Digest::of(name.as_bytes()), launcher);
    let usage = Usage::new(&Grants::default(), &Arc::default());
    assemble(engine().clone(), name, limits, version, usage)
}

fn assemble(
    engine: Arc<Engine>,
    name: &str,
    limits: Arc<Limits>,
    version: Arc<Version>,
    usage: Arc<Usage>,
) -> Arc<Connector> {
    let metrics = Metrics::new().expect("metrics");
    let parts = Parts {
        id: name.parse().expect("a name"),
        engine,
        limits,
        tenant: Arc::new(Tenant::new(&TenantLimits::default())),
        metrics: metrics.for_connector(name),
        usage,
    };
    Arc::new(Connector::with_version(parts, version))
}

/// A dispatcher that knows these connectors.
///
/// # Panics
///
/// When no threads can be started.
pub fn dispatcher(connectors: impl IntoIterator<Item = Arc<Connector>>) -> Arc<Dispatcher> {
    let dispatcher = Dispatcher::new(Scheduler::new(2).expect("threads"));
    dispatcher.replace(connectors);
    Arc::new(dispatcher)
}

/// A call of nobody in particular.
///
/// # Panics
///
/// When `connector` is no id.
pub fn call(connector: &str) -> Call {
    let connector: ConnectorId = connector.parse().expect("an id");
    Call {
        connector,
        request_id: "test".into(),
        user: None,
        credential: None,
        trace_parent: None,
        alone: false,
    }
}
