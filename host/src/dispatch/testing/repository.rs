//! The role `repository` of the plugin in memory.

use super::{Deposit, Kept, Running, failure, page, send};
use crate::dispatch::{Sink, Upload};
use crate::plugin::repository::{DepositedFile, FilePage, Project, ProjectPage};
use crate::plugin::{Failure, Repository};

#[wasmtime_wasi::async_trait]
impl Repository for Running {
    async fn list_projects(
        &mut self,
        after: Option<&str>,
        _max: u32,
    ) -> Result<ProjectPage, Failure> {
        let contents = self.note(format_args!("list-projects"));
        let projects = contents.projects.iter().map(|project| Project {
            id: project.id.clone(),
            metadata: project.metadata.clone(),
        });
        let (projects, next) = page(projects.collect(), after);
        Ok(ProjectPage { projects, next })
    }

    async fn get_project(&mut self, id: &str) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("get-project {id}"));
        contents.project(id).map(|project| project.metadata.clone())
    }

    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure> {
        let mut contents = self.note(format_args!("create-project {metadata:?}"));
        let id = format!("p{}", contents.projects.len());
        let metadata = metadata.unwrap_or("{}").to_owned();
        contents.projects.push(Deposit {
            id: id.clone(),
            metadata: metadata.clone(),
            files: Vec::new(),
        });
        Ok(Project { id, metadata })
    }

    async fn update_project(
        &mut self,
        id: &str,
        metadata: Option<&str>,
    ) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("update-project {id} {metadata:?}"));
        let project = contents.project(id)?;
        project.metadata = metadata.unwrap_or("{}").to_owned();
        Ok(project.metadata.clone())
    }

    async fn publish_project(&mut self, id: &str) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("publish-project {id}"));
        contents
            .project(id)
            .map(|project| format!("10.5072/{}", project.id))
    }

    async fn delete_project(&mut self, id: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-project {id}"));
        contents.project(id)?;
        contents.projects.retain(|project| project.id != id);
        Ok(())
    }

    async fn list_files(
        &mut self,
        project: &str,
        after: Option<&str>,
        _max: u32,
    ) -> Result<FilePage, Failure> {
        let mut contents = self.note(format_args!("list-files {project}"));
        let files = contents.project(project)?.files.iter();
        let (files, next) = page(files.map(Kept::described).collect(), after);
        Ok(FilePage { files, next })
    }

    async fn add_file(
        &mut self,
        project: &str,
        name: &str,
        size: Option<u64>,
        mut content: Upload,
    ) -> Result<DepositedFile, Failure> {
        drop(self.note(format_args!("add-file {project} {name} {size:?}")));
        let mut text = Vec::new();
        loop {
            match content.next().await {
                Ok(Some(bytes)) => text.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(_) if name.contains("careless") => break,
                Err(aborted) => return Err(failure("unavailable", &aborted.to_string())),
            }
        }
        let mut contents = self.shelf.contents();
        let id = format!("f{}", contents.made);
        contents.made += 1;
        let kept = Kept {
            id,
            name: name.to_owned(),
            content: String::from_utf8(text).unwrap(),
        };
        let described = kept.described();
        contents.project(project)?.files.push(kept);
        Ok(described)
    }

    async fn read_file(&mut self, project: &str, file: &str, into: Sink) -> Result<(), Failure> {
        let content = {
            let mut contents = self.note(format_args!("read-file {project} {file}"));
            let project = contents.project(project)?;
            let at = project.file(file)?;
            project.files[at].content.clone()
        };
        send(into, &content, true).await
    }

    async fn delete_file(&mut self, project: &str, file: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-file {project} {file}"));
        let project = contents.project(project)?;
        let at = project.file(file)?;
        project.files.remove(at);
        Ok(())
    }

    async fn delete_files(&mut self, project: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-files {project}"));
        contents.project(project)?.files.clear();
        Ok(())
    }
}

impl Kept {
    fn described(&self) -> DepositedFile {
        DepositedFile {
            id: self.id.clone(),
            name: self.name.clone(),
            size: Some(self.content.len() as u64),
            details: r#"{"checksum":"c","filename":"overruled"}"#.to_owned(),
        }
    }
}
