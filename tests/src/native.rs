//! A plugin crate run as ordinary Rust behind the host's own dispatcher: the
//! baseline against which the cost of the sandbox is measured. Everything up
//! to the plugin is the same; only the component around it is missing.

mod file_store;
mod repository;

use std::fmt;
use std::sync::Arc;

use tenon_host::capability::call::Context;
use tenon_host::plugin::lifecycle::Description;
use tenon_host::plugin::{CpuMeter, Failure, Launcher, Lifecycle, Role, Sandbox};
use tenon_sdk::file_store::FileStore;
use tenon_sdk::lifecycle::Plugin;
use tenon_sdk::native::Environment;
use tenon_sdk::repository::Repository;

use file_store::AsFileStore;
use repository::AsRepository;

/// Starts "sandboxes" that are nothing but the plugin itself.
pub struct NativeLauncher<P> {
    native: Native<P>,
    role: Role,
    sandbox: fn(Native<P>) -> Box<dyn Sandbox>,
}

impl<P: Plugin> NativeLauncher<P> {
    /// Makes a file store once, as a plain program would.
    ///
    /// # Panics
    ///
    /// When the plugin refuses its configuration.
    pub fn file_store(environment: Environment) -> Self
    where
        P: FileStore,
    {
        Self {
            native: Native::new(environment),
            role: Role::FileStore,
            sandbox: |native| Box::new(AsFileStore(native)),
        }
    }

    /// The same for a repository.
    ///
    /// # Panics
    ///
    /// When the plugin refuses its configuration.
    pub fn repository(environment: Environment) -> Self
    where
        P: Repository,
    {
        Self {
            native: Native::new(environment),
            role: Role::Repository,
            sandbox: |native| Box::new(AsRepository(native)),
        }
    }
}

impl<P> fmt::Debug for NativeLauncher<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeLauncher")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl<P: Plugin> Launcher for NativeLauncher<P> {
    fn offers(&self, role: Role) -> bool {
        role == Role::Lifecycle || role == self.role
    }

    async fn launch(
        &self,
        _context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        Ok((self.sandbox)(self.native.clone()))
    }
}

/// A plugin and what is around it.
struct Native<P> {
    plugin: Arc<P>,
    environment: Environment,
}

impl<P: Plugin> Native<P> {
    fn new(environment: Environment) -> Self {
        let plugin = environment.enter(P::new).expect("a plugin");
        Self {
            plugin: Arc::new(plugin),
            environment,
        }
    }

    fn run<T>(&self, f: impl FnOnce(&P) -> tenon_sdk::Result<T>) -> Result<T, Failure> {
        let result = self.environment.enter(|| f(&self.plugin));
        result.map_err(|error| Failure::Contract(error.to_string()))
    }
}

impl<P> Clone for Native<P> {
    fn clone(&self) -> Self {
        Self {
            plugin: self.plugin.clone(),
            environment: self.environment.clone(),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl<P: Plugin> Lifecycle for Native<P> {
    async fn describe(&mut self) -> Result<Description, Failure> {
        Err(not_measured())
    }

    async fn check(&mut self) -> Result<(), Failure> {
        self.run(P::check)
    }
}

/// What the bench asks for is all that the baseline does.
fn not_measured() -> Failure {
    Failure::Contract("the baseline is never asked for this".into())
}
