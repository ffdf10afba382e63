//! `GET`, `PATCH` and `DELETE /storage/file`.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, Version};

use super::path::FilePath;
use crate::dispatch::file_store;
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Filepath, Json};
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::reply;
use crate::frontend::rds::routes::Route;

/// Answers with the file's bytes.
///
/// A caller with a credential gets a refusal as a broken transfer, so that it
/// cannot take it for the file. A caller without one is expected to look at
/// the status: it fetches a credential and comes back.
pub(crate) async fn read(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Response {
    if request.version() < Version::HTTP_11 {
        return Refusal::new(
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            "A file is sent in chunks, so that a transfer cut short is seen as one. \
             HTTP/1.0 has none; use HTTP/1.1 or later.",
        )
        .into_response();
    }
    let json = match body::read(request, services.bounds(&target)).await {
        Ok(json) => json,
        Err(refusal) => return refusal.into_response(),
    };
    let route = target.connector(&json.user);
    let options = route.as_ref().map(|route| route.options.clone());
    let breaks = json.user.session && options.unwrap_or_default().break_error_bodies;
    let answer = match route {
        Ok(route) => start(&services, &origin, &route, &json).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(response) => response,
        Err(refusal) if breaks => reply::broken(&refusal),
        Err(refusal) => refusal.into_response(),
    }
}

async fn start(
    services: &Services,
    origin: &Origin,
    route: &Route,
    json: &Json,
) -> Result<Response, Refusal> {
    let path = FilePath::new(json.filepath(Filepath::Required)?);
    let caller = services.caller(origin, route, &json.user).await?;
    let attempt = async |path: String| {
        let call = caller.call();
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
    let caller = services.caller(&origin, &route, &json.user).await?;
    let delete = file_store::Delete { path };
    services.dispatcher.call(caller.call(), delete).await?;
    Ok(super::success())
}
