//! `POST /metadata/project/{project-id}/files`.
//!
//! Callers read `success`, and where it is false `message`, whatever the
//! status: an answer without them ends their whole job. So every refusal here
//! carries both, beside what any other refusal has.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::caller::Caller;
use super::ids::Ids;
use super::passive;
use crate::dispatch::repository::AddFile;
use crate::frontend::rds::body;
use crate::frontend::rds::form::{self, Shape};
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::storage::path::relative;

/// The form of an active upload. A name of its own saves a file that precedes
/// the field `filename` the wait for it.
const SHAPE: Shape = Shape {
    fields: &["filename"],
    missed_first: "file",
    ready: |form, own| form.user.is_some() && (own.is_some() || form.field("filename").is_some()),
};

/// Adds the form's file to the project, or has the host fetch files itself.
pub(crate) async fn add(
    caller: Caller,
    ids: Result<Ids<String>, Refusal>,
    request: Request,
) -> Response {
    let added = async {
        let Ids(project) = ids?;
        if is_urlencoded(body::content_type(request.headers())) {
            passive::add(caller, project, request).await
        } else {
            active(caller, project, request).await
        }
    };
    added
        .await
        .unwrap_or_else(|refusal: Refusal| explained(refusal).into_response())
}

async fn active(caller: Caller, project: String, request: Request) -> Result<Response, Refusal> {
    let parts = form::open(request, caller.bounds(), &SHAPE)?;
    let mut form = form::read(parts, &caller.services.spool, &SHAPE).await?;
    let file = form.file.take().ok_or_else(|| body::missing("file"))?;
    let given = form.field("filename").filter(|name| !name.is_empty());
    let name = given.or(file.name.as_deref());
    let name = name.ok_or_else(|| body::missing("filename"))?.to_owned();
    let asked = caller.in_the_name_of(form.user.unwrap_or_default())?;
    if name.ends_with('/') {
        // A folder. Callers list them now and then; its files bring it along.
        file.content.discard().await?;
        return Ok(Json(json!({ "success": true, "filename": name })).into_response());
    }
    let (size, content) = file.content.into_upload();
    let add = AddFile {
        project,
        name: relative(&name),
        size,
        content,
    };
    let added = asked.run(add).await?;
    Ok(Json(json!({
        "success": true,
        "id": added.id,
        "filename": added.name,
    }))
    .into_response())
}

fn explained(refusal: Refusal) -> Refusal {
    let message = refusal.sentence().to_owned();
    refusal.with("success", false).with("message", message)
}

fn is_urlencoded(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
