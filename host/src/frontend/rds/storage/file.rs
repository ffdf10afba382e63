//! `GET`, `PATCH` and `DELETE /storage/file`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::path::FilePath;
use crate::dispatch::file_store;
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Filepath, Json};
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::reply;
use crate::frontend::rds::routes::Route;

/// Answers with the file's bytes, or as [`reply::file_or_break`] refuses.
pub(crate) async fn read(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Response {
    let read = async {
        reply::needs_chunks(request.version())?;
        body::read(request, services.bounds(&target)).await
    };
    let json = match read.await {
        Ok(json) => json,
        Err(refusal) => return refusal.into_response(),
    };
    let route = target.connector(&json.user);
    let answer = match &route {
        Ok(route) => start(&services, &origin, route, &json).await,
        Err(refusal) => Err(refusal.clone()),
    };
    let route = route.as_ref().ok().map(|route| &**route);
    reply::file_or_break(answer, &json.user, route)
}

async fn start(
    services: &Services,
    origin: &Origin,
    route: &Route,
    json: &Json,
) -> Result<Response, Refusal> {
    let path = FilePath::new(json.filepath(Filepath::Required)?);
    let attempt = async |path: String| {
        let call = origin.call(route, &json.user);
        let read = |into| file_store::Read {
            path: path.clone(),
            offset: 0,
            into,
        };
        let started = services.dispatcher.stream(call, read).await?;
        Ok(reply::file(started, &path))
    };
    Ok(path.find(attempt).await?)
}

/// Refuses, once the body has passed: the specification's `PATCH` carries a
/// path and no content, so there is nothing to change a file into.
pub(crate) async fn update(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    request: Request,
) -> Result<Response, Refusal> {
    let json = body::read(request, services.bounds(&target)).await?;
    json.filepath(Filepath::Required)?;
    target.connector(&json.user)?;
    Err(Refusal::new(
        StatusCode::NOT_IMPLEMENTED,
        "The operation carries no content to update the file with. \
         POST the whole file instead.",
    ))
}

/// Deletes the file. Its path is taken as it is: a guess may read the wrong
/// file, but must not delete it.
pub(crate) async fn delete(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Result<Response, Refusal> {
    let json = body::read(request, services.bounds(&target)).await?;
    let path = FilePath::new(json.filepath(Filepath::Required)?).plain;
    let route = target.connector(&json.user)?;
    let call = origin.call(&route, &json.user);
    let delete = file_store::Delete { path };
    services.dispatcher.call(call, delete).await?;
    Ok(super::success())
}
