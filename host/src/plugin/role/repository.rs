//! The role `repository`: deposits of research data.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::repository as wit;
use crate::capability::transfer::{Sink, Upload};

pub use wit::{DepositedFile, FilePage, Project, ProjectPage};

/// Operations of `wit/repository.wit`.
#[wasmtime_wasi::async_trait]
pub trait Repository: Send {
    /// One page of the caller's unpublished projects.
    async fn list_projects(
        &mut self,
        after: Option<&str>,
        max: u32,
    ) -> Result<ProjectPage, Failure>;

    /// A project's metadata, as JSON.
    async fn get_project(&mut self, id: &str) -> Result<String, Failure>;

    /// A new project.
    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure>;

    /// Replaces a project's metadata.
    async fn update_project(&mut self, id: &str, metadata: Option<&str>)
    -> Result<String, Failure>;

    /// Publishes a project and returns its persistent identifier.
    async fn publish_project(&mut self, id: &str) -> Result<String, Failure>;

    /// Removes a project.
    async fn delete_project(&mut self, id: &str) -> Result<(), Failure>;

    /// One page of a project's files.
    async fn list_files(
        &mut self,
        project: &str,
        after: Option<&str>,
        max: u32,
    ) -> Result<FilePage, Failure>;

    /// Adds or replaces a file.
    async fn add_file(
        &mut self,
        project: &str,
        name: &str,
        size: Option<u64>,
        content: Upload,
    ) -> Result<DepositedFile, Failure>;

    /// Sends a file's bytes.
    async fn read_file(&mut self, project: &str, file: &str, into: Sink) -> Result<(), Failure>;

    /// Removes a file.
    async fn delete_file(&mut self, project: &str, file: &str) -> Result<(), Failure>;

    /// Removes every file of a project.
    async fn delete_files(&mut self, project: &str) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl Repository for ComponentSandbox {
    async fn list_projects(
        &mut self,
        after: Option<&str>,
        max: u32,
    ) -> Result<ProjectPage, Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_list_projects(&mut self.store, after, max).await;
        self.conclude(called)
    }

    async fn get_project(&mut self, id: &str) -> Result<String, Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_get_project(&mut self.store, id).await;
        self.conclude(called)
    }

    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_create_project(&mut self.store, metadata).await;
        self.conclude(called)
    }

    async fn update_project(
        &mut self,
        id: &str,
        metadata: Option<&str>,
    ) -> Result<String, Failure> {
        let guest = self.repository_guest()?;
        let called = guest
            .call_update_project(&mut self.store, id, metadata)
            .await;
        self.conclude(called)
    }

    async fn publish_project(&mut self, id: &str) -> Result<String, Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_publish_project(&mut self.store, id).await;
        self.conclude(called)
    }

    async fn delete_project(&mut self, id: &str) -> Result<(), Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_delete_project(&mut self.store, id).await;
        self.conclude(called)
    }

    async fn list_files(
        &mut self,
        project: &str,
        after: Option<&str>,
        max: u32,
    ) -> Result<FilePage, Failure> {
        let guest = self.repository_guest()?;
        let called = guest
            .call_list_files(&mut self.store, project, after, max)
            .await;
        self.conclude(called)
    }

    async fn add_file(
        &mut self,
        project: &str,
        name: &str,
        size: Option<u64>,
        content: Upload,
    ) -> Result<DepositedFile, Failure> {
        let guest = self.repository_guest()?;
        let (stream, lent) = self.lend_upload(content)?;
        let called = guest
            .call_add_file(&mut self.store, project, name, size, lent)
            .await;
        self.take_back(stream);
        self.conclude(called)
    }

    async fn read_file(&mut self, project: &str, file: &str, into: Sink) -> Result<(), Failure> {
        let guest = self.repository_guest()?;
        let (sink, lent) = self.lend(into)?;
        let called = guest
            .call_read_file(&mut self.store, project, file, lent)
            .await;
        self.take_back(sink);
        self.conclude(called)
    }

    async fn delete_file(&mut self, project: &str, file: &str) -> Result<(), Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_delete_file(&mut self.store, project, file).await;
        self.conclude(called)
    }

    async fn delete_files(&mut self, project: &str) -> Result<(), Failure> {
        let guest = self.repository_guest()?;
        let called = guest.call_delete_files(&mut self.store, project).await;
        self.conclude(called)
    }
}
