//! Operations of the role `repository`.

use serde_json::{Value, json};

use super::{ArgumentError, Arguments, Called, Caller, PAGE_ITEMS};
use crate::dispatch::repository::{
    AddFile, CreateProject, DeleteFile, DeleteFiles, DeleteProject, File, GetProject, ListFiles,
    ListProjects, Project, PublishProject, ReadFile, UpdateProject,
};

pub(super) async fn run(
    caller: &Caller<'_>,
    arguments: Arguments,
) -> Result<Called, ArgumentError> {
    match caller.verb() {
        "list-files" | "add-file" | "read-file" | "delete-file" | "delete-files" => {
            files(caller, arguments).await
        }
        "list-projects" | "create-project" => all(caller, arguments).await,
        _ => one(caller, arguments).await,
    }
}

/// Operations that name no project.
async fn all(caller: &Caller<'_>, mut arguments: Arguments) -> Result<Called, ArgumentError> {
    if caller.verb() == "create-project" {
        let metadata = arguments.json("metadata");
        arguments.finish()?;
        return Ok(caller.call(CreateProject { metadata }, project).await);
    }
    let list = ListProjects {
        after: arguments.optional_text("after")?,
        max: arguments.max(PAGE_ITEMS)?,
    };
    arguments.finish()?;
    let show = |page: crate::dispatch::repository::Page<Project>| {
        let projects: Vec<_> = page.items.into_iter().map(project).collect();
        json!({ "projects": projects, "next": page.next })
    };
    Ok(caller.call(list, show).await)
}

/// Operations of one project.
async fn one(caller: &Caller<'_>, mut arguments: Arguments) -> Result<Called, ArgumentError> {
    let id = arguments.text("id")?;
    if caller.verb() == "update-project" {
        let metadata = arguments.json("metadata");
        arguments.finish()?;
        let update = UpdateProject { id, metadata };
        return Ok(caller.call(update, Value::Object).await);
    }
    arguments.finish()?;
    Ok(match caller.verb() {
        "publish-project" => caller.call(PublishProject { id }, Value::String).await,
        "delete-project" => caller.call(DeleteProject { id }, |()| Value::Null).await,
        _ => caller.call(GetProject { id }, Value::Object).await,
    })
}

/// Operations of a project's files.
async fn files(caller: &Caller<'_>, mut arguments: Arguments) -> Result<Called, ArgumentError> {
    let project = arguments.text("project")?;
    Ok(match caller.verb() {
        "add-file" => {
            let name = arguments.text("name")?;
            let size = arguments.number("size")?;
            let (content, found) = arguments.content()?;
            arguments.finish()?;
            let add = AddFile {
                project,
                name,
                size: size.or(Some(found)),
                content,
            };
            caller.call(add, file).await
        }
        "read-file" => {
            let file = arguments.text("file")?;
            arguments.finish()?;
            let read = |into| ReadFile {
                project,
                file,
                into,
            };
            caller.stream(read).await
        }
        "delete-file" => {
            let file = arguments.text("file")?;
            arguments.finish()?;
            caller
                .call(DeleteFile { project, file }, |()| Value::Null)
                .await
        }
        "delete-files" => {
            arguments.finish()?;
            caller.call(DeleteFiles { project }, |()| Value::Null).await
        }
        _ => {
            let list = ListFiles {
                project,
                after: arguments.optional_text("after")?,
                max: arguments.max(PAGE_ITEMS)?,
            };
            arguments.finish()?;
            let show = |page: crate::dispatch::repository::Page<File>| {
                let files: Vec<_> = page.items.into_iter().map(file).collect();
                json!({ "files": files, "next": page.next })
            };
            caller.call(list, show).await
        }
    })
}

fn project(project: Project) -> Value {
    json!({ "id": project.id, "metadata": project.metadata })
}

fn file(file: File) -> Value {
    json!({
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "details": file.details,
    })
}
