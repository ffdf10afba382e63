//! A plugin's methods as the exports of the role `repository`.

use super::Component;
use crate::{
    Path,
    export::Shared,
    repository::{DepositedFile, PageRequest, Project, Repository},
    transfer::{Reader, Sink},
    wasm::{
        bindings::{
            connector::{transfer::Sink as WitSink, types::Error as WitError},
            repository::exports::tenon::connector::repository,
            wasi::io::streams::InputStream,
        },
        stream,
    },
};

impl<P: Shared + Repository> repository::Guest for Component<P> {
    fn list_projects(after: Option<String>, max: u32) -> Result<repository::ProjectPage, WitError> {
        let after = after.as_deref();
        let page = P::shared()?.list_projects(PageRequest { after, max })?;
        Ok(repository::ProjectPage {
            projects: page.items.into_iter().map(Into::into).collect(),
            next: page.next,
        })
    }

    fn get_project(id: String) -> Result<String, WitError> {
        Ok(P::shared()?.get_project(&id)?)
    }

    fn create_project(metadata: Option<String>) -> Result<repository::Project, WitError> {
        Ok(P::shared()?.create_project(metadata.as_deref())?.into())
    }

    fn update_project(id: String, metadata: Option<String>) -> Result<String, WitError> {
        Ok(P::shared()?.update_project(&id, metadata.as_deref())?)
    }

    fn publish_project(id: String) -> Result<String, WitError> {
        Ok(P::shared()?.publish_project(&id)?)
    }

    fn delete_project(id: String) -> Result<(), WitError> {
        Ok(P::shared()?.delete_project(&id)?)
    }

    fn list_files(
        project: String,
        after: Option<String>,
        max: u32,
    ) -> Result<repository::FilePage, WitError> {
        let after = after.as_deref();
        let page = P::shared()?.list_files(&project, PageRequest { after, max })?;
        Ok(repository::FilePage {
            files: page.items.into_iter().map(Into::into).collect(),
            next: page.next,
        })
    }

    fn add_file(
        project: String,
        name: String,
        size: Option<u64>,
        content: &InputStream,
    ) -> Result<repository::DepositedFile, WitError> {
        let mut content = Reader::new(stream::Input::borrowed(content), size);
        Ok(P::shared()?
            .add_file(&project, &Path::new(&name)?, size, &mut content)?
            .into())
    }

    fn read_file(project: String, file: String, into: &WitSink) -> Result<(), WitError> {
        Ok(P::shared()?.read_file(&project, &file, Sink(stream::Sink(into)))?)
    }

    fn delete_file(project: String, file: String) -> Result<(), WitError> {
        Ok(P::shared()?.delete_file(&project, &file)?)
    }

    fn delete_files(project: String) -> Result<(), WitError> {
        Ok(P::shared()?.delete_files(&project)?)
    }
}

impl From<Project> for repository::Project {
    fn from(Project { id, metadata }: Project) -> Self {
        Self { id, metadata }
    }
}

impl From<DepositedFile> for repository::DepositedFile {
    fn from(
        DepositedFile {
            id,
            name,
            size,
            details,
        }: DepositedFile,
    ) -> Self {
        Self {
            id,
            name,
            size,
            details,
        }
    }
}
