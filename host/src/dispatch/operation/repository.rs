//! Operations of the role `repository`.

use serde_json::{Map, Value};

use super::{Operation, page_fits};
use crate::capability::transfer::{Sink, Upload};
use crate::plugin::{Failure, Role, Sandbox};

/// A JSON object.
pub type Object = Map<String, Value>;

/// A deposit that collects metadata and files until it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Opaque text of the repository's.
    pub id: String,
    /// What the repository says of it, in its own terms.
    pub metadata: Object,
}

/// A file of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Opaque text, unique in the project.
    pub id: String,
    /// `/`-separated, as it was added.
    pub name: String,
    /// Bytes, when known.
    pub size: Option<u64>,
    /// What else the repository says of it.
    pub details: Object,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// In the repository's order.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// One page of the caller's unpublished projects.
#[derive(Debug)]
pub struct ListProjects {
    /// Where the page before ended.
    pub after: Option<String>,
    /// Projects wanted at most.
    pub max: u32,
}

impl Operation for ListProjects {
    type Output = Page<Project>;

    const NAME: &'static str = "repository.list-projects";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Self::Output, Failure> {
        let repository = sandbox.repository()?;
        let page = repository
            .list_projects(self.after.as_deref(), self.max)
            .await?;
        page_fits(page.projects.len(), self.max)?;
        Ok(Page {
            items: page
                .projects
                .into_iter()
                .map(|project| Project::checked(project.id, &project.metadata))
                .collect::<Result<_, _>>()?,
            next: page.next,
        })
    }
}

/// A project's metadata.
#[derive(Debug)]
pub struct GetProject {
    /// The project.
    pub id: String,
}

impl Operation for GetProject {
    type Output = Object;

    const NAME: &'static str = "repository.get-project";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Object, Failure> {
        object(&sandbox.repository()?.get_project(&self.id).await?)
    }
}

/// Makes a project.
#[derive(Debug)]
pub struct CreateProject {
    /// What is known of it already, as JSON.
    pub metadata: Option<String>,
}

impl Operation for CreateProject {
    type Output = Project;

    const NAME: &'static str = "repository.create-project";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    fn made(project: &Project) -> Option<&str> {
        Some(&project.id)
    }

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Project, Failure> {
        let repository = sandbox.repository()?;
        let project = repository.create_project(self.metadata.as_deref()).await?;
        Project::checked(project.id, &project.metadata)
    }
}

/// Replaces a project's metadata, and returns it as it is then.
#[derive(Debug)]
pub struct UpdateProject {
    /// The project.
    pub id: String,
    /// Commonly an RO-Crate, as JSON.
    pub metadata: Option<String>,
}

impl Operation for UpdateProject {
    type Output = Object;

    const NAME: &'static str = "repository.update-project";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Object, Failure> {
        let repository = sandbox.repository()?;
        let metadata = self.metadata.as_deref();
        object(&repository.update_project(&self.id, metadata).await?)
    }
}

/// Publishes a project, and returns its persistent identifier.
#[derive(Debug)]
pub struct PublishProject {
    /// The project.
    pub id: String,
}

impl Operation for PublishProject {
    type Output = String;

    const NAME: &'static str = "repository.publish-project";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<String, Failure> {
        sandbox.repository()?.publish_project(&self.id).await
    }
}

/// Removes a project.
#[derive(Debug)]
pub struct DeleteProject {
    /// The project.
    pub id: String,
}

impl Operation for DeleteProject {
    type Output = ();

    const NAME: &'static str = "repository.delete-project";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.repository()?.delete_project(&self.id).await
    }
}

/// One page of a project's files.
#[derive(Debug)]
pub struct ListFiles {
    /// The project.
    pub project: String,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Files wanted at most.
    pub max: u32,
}

impl Operation for ListFiles {
    type Output = Page<File>;

    const NAME: &'static str = "repository.list-files";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Self::Output, Failure> {
        let repository = sandbox.repository()?;
        let after = self.after.as_deref();
        let page = repository
            .list_files(&self.project, after, self.max)
            .await?;
        page_fits(page.files.len(), self.max)?;
        Ok(Page {
            items: page
                .files
                .into_iter()
                .map(File::checked)
                .collect::<Result<_, _>>()?,
            next: page.next,
        })
    }
}

/// Adds a file to a project, or replaces the one of its name.
#[derive(Debug)]
pub struct AddFile {
    /// The project.
    pub project: String,
    /// `/`-separated.
    pub name: String,
    /// Number of bytes, when known.
    pub size: Option<u64>,
    /// The bytes.
    pub content: Upload,
}

impl Operation for AddFile {
    type Output = File;

    const NAME: &'static str = "repository.add-file";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<File, Failure> {
        let repository = sandbox.repository()?;
        let added = repository
            .add_file(&self.project, &self.name, self.size, self.content)
            .await?;
        File::checked(added)
    }
}

/// A file's bytes.
#[derive(Debug)]
pub struct ReadFile {
    /// The project.
    pub project: String,
    /// The file's id.
    pub file: String,
    /// Where the bytes go.
    pub into: Sink,
}

impl Operation for ReadFile {
    type Output = ();

    const NAME: &'static str = "repository.read-file";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        let repository = sandbox.repository()?;
        let promise = self.into.promise();
        repository
            .read_file(&self.project, &self.file, self.into)
            .await?;
        promise.kept().map_err(Failure::Contract)
    }
}

/// Removes a file.
#[derive(Debug)]
pub struct DeleteFile {
    /// The project.
    pub project: String,
    /// The file's id.
    pub file: String,
}

impl Operation for DeleteFile {
    type Output = ();

    const NAME: &'static str = "repository.delete-file";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        let repository = sandbox.repository()?;
        repository.delete_file(&self.project, &self.file).await
    }
}

/// Removes every file of a project.
#[derive(Debug)]
pub struct DeleteFiles {
    /// The project.
    pub project: String,
}

impl Operation for DeleteFiles {
    type Output = ();

    const NAME: &'static str = "repository.delete-files";
    const ROLE: Role = Role::Repository;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.repository()?.delete_files(&self.project).await
    }
}

impl Project {
    fn checked(id: String, metadata: &str) -> Result<Self, Failure> {
        match object(metadata) {
            Ok(metadata) => Ok(Self { id, metadata }),
            // It may just have been made: somebody must be able to find it.
            Err(Failure::Contract(rule)) => {
                Err(Failure::Contract(format!("of project `{id}`, {rule}")))
            }
            Err(failure) => Err(failure),
        }
    }
}

impl File {
    fn checked(file: crate::plugin::repository::DepositedFile) -> Result<Self, Failure> {
        Ok(Self {
            details: match file.details.as_str() {
                "" => Object::new(),
                details => object(details)?,
            },
            id: file.id,
            name: file.name,
            size: file.size,
        })
    }
}

fn object(json: &str) -> Result<Object, Failure> {
    serde_json::from_str(json)
        .map_err(|error| Failure::Contract(format!("metadata that is no JSON object: {error}")))
}
