//! A plugin as a repository.

use tenon_host::capability::transfer::{Sink, Upload};
use tenon_host::plugin::repository::{DepositedFile, FilePage, Project, ProjectPage};
use tenon_host::plugin::{Failure, Lifecycle, Repository as HostRepository, Sandbox};
use tenon_sdk::repository::Repository;

use super::{Native, not_measured};

pub(super) struct AsRepository<P>(pub(super) Native<P>);

impl<P: Repository> Sandbox for AsRepository<P> {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        &mut self.0
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
impl<P: Repository> HostRepository for AsRepository<P> {
    async fn list_projects(
        &mut self,
        _after: Option<&str>,
        _max: u32,
    ) -> Result<ProjectPage, Failure> {
        Err(not_measured())
    }

    async fn get_project(&mut self, id: &str) -> Result<String, Failure> {
        self.0.run(|plugin| plugin.get_project(id))
    }

    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure> {
        let project = self.0.run(|plugin| plugin.create_project(metadata))?;
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
        self.0.run(|plugin| plugin.update_project(id, metadata))
    }

    async fn publish_project(&mut self, id: &str) -> Result<String, Failure> {
        self.0.run(|plugin| plugin.publish_project(id))
    }

    async fn delete_project(&mut self, id: &str) -> Result<(), Failure> {
        self.0.run(|plugin| plugin.delete_project(id))
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
