//! The same for a plugin that is a repository.

use std::fmt;
use std::sync::Arc;

use tenon_host::capability::call::Context;
use tenon_host::capability::transfer::{Sink, Upload};
use tenon_host::plugin::repository::{DepositedFile, FilePage, Project, ProjectPage};
use tenon_host::plugin::{
    CpuMeter, Failure, FileStore, Launcher, Lifecycle, Repository as HostRepository, Role, Sandbox,
};
use tenon_sdk::native::Environment;
use tenon_sdk::repository::Repository;

use super::failed;

/// Starts "sandboxes" that are nothing but the plugin itself.
pub struct NativeRepository<P> {
    plugin: Arc<P>,
    environment: Environment,
}

impl<P: Repository> NativeRepository<P> {
    /// Makes the plugin once, as a plain program would.
    ///
    /// # Panics
    ///
    /// When the plugin refuses its configuration.
    pub fn new(environment: Environment) -> Self {
        let plugin = environment.enter(P::new).expect("a plugin");
        Self {
            plugin: Arc::new(plugin),
            environment,
        }
    }
}

impl<P> fmt::Debug for NativeRepository<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeRepository").finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl<P: Repository> Launcher for NativeRepository<P> {
    fn offers(&self, role: Role) -> bool {
        matches!(role, Role::Lifecycle | Role::Repository)
    }

    async fn launch(
        &self,
        _context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        Ok(Box::new(Native {
            plugin: self.plugin.clone(),
            environment: self.environment.clone(),
        }))
    }
}

struct Native<P> {
    plugin: Arc<P>,
    environment: Environment,
}

impl<P> Native<P> {
    fn run<T>(&self, f: impl FnOnce(&P) -> tenon_sdk::Result<T>) -> Result<T, Failure> {
        self.environment.enter(|| f(&self.plugin)).map_err(failed)
    }
}

impl<P: Repository> Sandbox for Native<P> {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn file_store(&mut self) -> Result<&mut dyn FileStore, Failure> {
        Err(Failure::NoRole(Role::FileStore))
    }

    fn repository(&mut self) -> Result<&mut dyn HostRepository, Failure> {
        Ok(self)
    }

    fn is_reused(&self) -> bool {
        true
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

#[wasmtime_wasi::async_trait]
impl<P: Repository> Lifecycle for Native<P> {
    async fn describe(&mut self) -> Result<tenon_host::plugin::lifecycle::Description, Failure> {
        Err(not_measured())
    }

    async fn check(&mut self) -> Result<(), Failure> {
        self.run(P::check)
    }
}

#[wasmtime_wasi::async_trait]
impl<P: Repository> HostRepository for Native<P> {
    async fn list_projects(
        &mut self,
        _after: Option<&str>,
        _max: u32,
    ) -> Result<ProjectPage, Failure> {
        Err(not_measured())
    }

    async fn get_project(&mut self, id: &str) -> Result<String, Failure> {
        self.run(|plugin| plugin.get_project(id))
    }

    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure> {
        let project = self.run(|plugin| plugin.create_project(metadata))?;
        Ok(Project {
            id: project.id,
            metadata: project.metadata,
        })
    }

    async fn update_project(
        &mut self,
        id: &str,
        metadata: Option<&str>,
    ) -> Result<String, Failure> {
        self.run(|plugin| plugin.update_project(id, metadata))
    }

    async fn publish_project(&mut self, id: &str) -> Result<String, Failure> {
        self.run(|plugin| plugin.publish_project(id))
    }

    async fn delete_project(&mut self, id: &str) -> Result<(), Failure> {
        self.run(|plugin| plugin.delete_project(id))
    }

    async fn list_files(
        &mut self,
        _project: &str,
        _after: Option<&str>,
        _max: u32,
    ) -> Result<FilePage, Failure> {
        Err(not_measured())
    }

    async fn add_file(
        &mut self,
        _project: &str,
        _name: &str,
        _size: Option<u64>,
        _content: Upload,
    ) -> Result<DepositedFile, Failure> {
        Err(not_measured())
    }

    async fn read_file(&mut self, _project: &str, _file: &str, _into: Sink) -> Result<(), Failure> {
        Err(not_measured())
    }

    async fn delete_file(&mut self, _project: &str, _file: &str) -> Result<(), Failure> {
        Err(not_measured())
    }

    async fn delete_files(&mut self, _project: &str) -> Result<(), Failure> {
        Err(not_measured())
    }
}

fn not_measured() -> Failure {
    Failure::Contract("the baseline is never asked for this".into())
}
