//! `/metadata/project` and `/metadata/project/{project-id}`.

use axum::Json;
use axum::extract::Request;
use http::StatusCode;
use serde_json::{Value, json};

use super::answer;
use super::caller::Caller;
use super::ids::Ids;
use crate::dispatch::repository::{
    CreateProject, DeleteProject, GetProject, ListProjects, Object, Project, PublishProject,
    UpdateProject,
};
use crate::frontend::rds::body::Metadata;
use crate::frontend::rds::listing;
use crate::frontend::rds::problem::Refusal;

/// Projects asked for at a time. Each brings all its metadata.
const PAGE_PROJECTS: u32 = 100;

/// Answers with the user's unpublished projects.
pub(crate) async fn list(caller: Caller, request: Request) -> Result<Json<Value>, Refusal> {
    let (asked, wanted) = caller.asks_about(request, Metadata::Object).await?;
    let page = |after| {
        let listed = asked.run(ListProjects {
            after,
            max: PAGE_PROJECTS,
        });
        async {
            let page = listed.await?;
            Ok((page.items, page.next))
        }
    };
    let weigh = |project: &Project| project.id.len() + answer::bytes(&project.metadata);
    let limits = &asked.caller.services.limits;
    let projects = listing::gather(limits, "The user has", weigh, page).await??;
    let projects = projects.into_iter();
    let described = projects.map(|project| answer::project(project, wanted.as_ref()));
    Ok(Json(described.collect()))
}

/// Makes a project. Callers read its `projectId`, and send no metadata.
pub(crate) async fn create(caller: Caller, request: Request) -> Result<Json<Value>, Refusal> {
    let (asked, metadata) = caller.asks_about(request, Metadata::Object).await?;
    let metadata = metadata.as_ref().map(text);
    let project = asked.run(CreateProject { metadata }).await?;
    Ok(Json(answer::project(project, None)))
}

/// Answers with a project's metadata, or the part of it that is asked for.
pub(crate) async fn get(
    caller: Caller,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Json<Object>, Refusal> {
    let (asked, wanted) = caller.asks_about(request, Metadata::Object).await?;
    let metadata = asked.run(GetProject { id }).await?;
    Ok(Json(answer::only(metadata, wanted.as_ref())))
}

/// Replaces a project's metadata and answers with what it is then.
pub(crate) async fn update(
    caller: Caller,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Json<Object>, Refusal> {
    let (asked, metadata) = caller.asks_about(request, Metadata::ObjectOrNull).await?;
    let metadata = metadata.as_ref().map(text);
    let updated = asked.run(UpdateProject { id, metadata }).await?;
    Ok(Json(updated))
}

/// Publishes a project. The specification says 204; the callers take nothing
/// but 200, and read the identifier under `DOI`.
pub(crate) async fn publish(
    caller: Caller,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let asked = caller.asks(request).await?;
    let identifier = asked.run(PublishProject { id }).await?;
    Ok(Json(json!({ "DOI": identifier })))
}

/// Deletes a project. The callers take nothing but 204.
pub(crate) async fn delete(
    caller: Caller,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let asked = caller.asks(request).await?;
    asked.run(DeleteProject { id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// JSON text for a plugin. Writing what has been parsed does not fail.
fn text(metadata: &Object) -> String {
    serde_json::to_string(metadata).unwrap_or_default()
}
