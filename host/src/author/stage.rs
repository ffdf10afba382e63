//! One connector in one process: a component, the grants of a connector's file,
//! and the host's own dispatcher and sandbox around them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;

use super::watched::{Ended, Watch, Watched, WatchedLauncher};
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::capability::usage::Usage;
use crate::config::{Connector, Problems};
use crate::dispatch::{
    self, Call, ConnectorId, ConnectorIdError, Dispatcher, Operation, Parts, Request, Response,
    Scheduler, Sink, Started, Tenant, Version,
};
use crate::limits::{Limits, TenantLimits};
use crate::plugin::{
    Cache, CacheError, Component, ComponentLauncher, Engine, EngineConfig, EngineError, LoadError,
    Profile, Role, Settings,
};
use crate::telemetry::metrics::Metrics;

/// The id of a connector without a file.
const LOCAL: &str = "local";
/// One call at a time, and room for what it leaves behind.
const SANDBOXES_MAX: u32 = 4;
/// Threads for long computations.
const COMPUTE_THREADS: usize = 1;

/// Who calls.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The user's name.
    pub user: Option<String>,
    /// The credential that comes with the call.
    pub credential: Option<SecretString>,
}

/// Why nothing can be called.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The connector's file has mistakes, or grants less than the component
    /// imports.
    #[error("{0}")]
    Connector(#[from] Problems),
    /// The file is no plugin.
    #[error("{}: {source}", path.display())]
    Component {
        /// The component's file.
        path: PathBuf,
        /// What is wrong with it.
        source: LoadError,
    },
    /// This machine cannot run sandboxes.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Nowhere to keep compiled code.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The process has no room for threads or folders.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
    /// The host's metrics clash.
    #[error("cannot start: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The id is none.
    #[error(transparent)]
    Id(#[from] ConnectorIdError),
}

/// A component that can be called.
#[derive(Debug)]
pub struct Stage {
    dispatcher: Dispatcher,
    connector: ConnectorId,
    component: Arc<Component>,
    caller: Caller,
    watch: Watch,
    /// What the plugin spools, and compiled code where no better place was
    /// found. Gone with the stage.
    _scratch: TempDir,
}

/// What a connector's file says, or the lack of one.
struct Given {
    id: ConnectorId,
    grants: Arc<Grants>,
    values: Values,
    limits: Arc<Limits>,
}

impl Given {
    fn read(file: Option<&Path>, component: &Path, scratch: &Path) -> Result<Self, StageError> {
        let Some(file) = file else {
            return Ok(Self {
                id: ConnectorId::new(None, LOCAL)?,
                grants: Arc::default(),
                values: Values::default(),
                limits: Arc::default(),
            });
        };
        let connector = Connector::alone(Some(file), component, scratch)?;
        Ok(Self {
            id: connector.id,
            grants: connector.grants,
            values: connector.values,
            limits: connector.limits,
        })
    }
}

impl Stage {
    /// Compiles a component and configures it. Without a connector's file it has
    /// no grants, no configuration and the default limits.
    ///
    /// # Errors
    ///
    /// [`StageError`].
    pub fn new(
        component: &Path,
        connector: Option<&Path>,
        caller: Caller,
    ) -> Result<Self, StageError> {
        let scratch = tempfile::tempdir()?;
        let given = Given::read(connector, component, scratch.path())?;
        let engine = Engine::new(&EngineConfig {
            sandboxes_max: SANDBOXES_MAX,
            locate_traps: true,
            ..EngineConfig::default()
        })?;
        let cache = cache(scratch.path())?;
        let loaded = Component::load(&engine, &cache, component);
        let loaded = Arc::new(loaded.map_err(|source| StageError::Component {
            path: component.to_owned(),
            source,
        })?);
        let watch = Watch::default();
        let dispatcher = Dispatcher::new(Scheduler::new(COMPUTE_THREADS)?);
        let id = given.id.clone();
        let connector = assemble(given, loaded.clone(), engine, watch.clone())?;
        dispatcher.replace([Arc::new(connector)]);
        Ok(Self {
            dispatcher,
            connector: id,
            component: loaded,
            caller,
            watch,
            _scratch: scratch,
        })
    }

    /// Whether the component plays a role.
    pub fn offers(&self, role: Role) -> bool {
        self.component.offers(role)
    }

    /// How its sandboxes are allocated.
    pub fn profile(&self) -> Profile {
        self.component.profile
    }

    /// Runs an operation to its end.
    pub(super) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output, Ended> {
        let watch = self.watch.clone();
        let watched = Watched { operation, watch };
        let ended = self.dispatcher.call(self.next(), watched).await;
        ended.map_err(|error| self.watch.ended(&error))
    }

    /// Runs an operation up to its first byte.
    pub(super) async fn stream<O>(
        &self,
        operation: impl FnOnce(Sink) -> O,
    ) -> Result<Started, Ended>
    where
        O: Operation<Output = ()>,
    {
        let watch = self.watch.clone();
        let watched = |sink| Watched {
            operation: operation(sink),
            watch,
        };
        let started = self.dispatcher.stream(self.next(), watched).await;
        started.map_err(|error| self.watch.ended(&error))
    }

    /// Has the plugin answer a request, up to the head of its answer.
    pub(super) async fn respond(&self, request: Request) -> Result<Response, Ended> {
        let answered = self.dispatcher.respond(self.next(), request).await;
        answered.map_err(|error| self.watch.ended(&error))
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    fn next(&self) -> Call {
        Call {
            connector: self.connector.clone(),
            request_id: uuid::Uuid::now_v7().to_string(),
            user: self.caller.user.clone(),
            credential: self.caller.credential.clone(),
            trace_parent: None,
            alone: false,
        }
    }
}

fn assemble(
    given: Given,
    component: Arc<Component>,
    engine: Arc<Engine>,
    watch: Watch,
) -> Result<dispatch::Connector, StageError> {
    let usage = Usage::new(&given.grants, &given.values);
    let settings = Settings {
        grants: given.grants,
        config: given.values,
        limits: given.limits.clone(),
        usage: usage.clone(),
    };
    let digest = component.digest.clone();
    // A fresh sandbox for each call: what it used is then the call's alone.
    let launcher = ComponentLauncher::new(component, settings, Default::default());
    let label = given.id.to_string();
    let version = Version::new(digest, Arc::new(WatchedLauncher { launcher, watch }));
    let parts = Parts {
        id: given.id,
        engine,
        limits: given.limits,
        tenant: Arc::new(Tenant::new(&TenantLimits::default())),
        metrics: Metrics::new()?.for_connector(&label),
        usage,
    };
    Ok(dispatch::Connector::with_version(parts, version))
}

/// The user's cache, so that the second run compiles nothing, or one of this
/// run's own.
fn cache(scratch: &Path) -> Result<Cache, CacheError> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let user = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let user = user.map(|folder| folder.join("tenon/components"));
    match user.and_then(|folder| Cache::open(&folder).ok()) {
        Some(cache) => Ok(cache),
        None => Cache::open(&scratch.join("cache")),
    }
}
