//! `/metadata/project/{project-id}/files`, and a single file of them.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::Value;

use super::answer;
use super::caller::{Asked, Caller};
use super::ids::Ids;
use crate::dispatch::repository::{DeleteFile, DeleteFiles, File, ListFiles, ReadFile};
use crate::dispatch::{Error, Outcome};
use crate::frontend::rds::body;
use crate::frontend::rds::listing;
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::reply;

/// Files asked for at a time.
const PAGE_FILES: u32 = 1000;

/// Digits of a place in a list, at most. No list is longer.
const INDEX_DIGITS_MAX: usize = 6;

/// Answers with a project's files.
pub(crate) async fn list(
    caller: Caller,
    Ids(project): Ids<String>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let asked = caller.asks(request).await?;
    let files = gather(&asked, &project).await??;
    Ok(Json(files.into_iter().map(answer::file).collect()))
}

/// Removes every file of a project. Its specification has no body, though
/// callers send one; `true` is what the shipped connector answers.
pub(crate) async fn delete_all(
    caller: Caller,
    Ids(project): Ids<String>,
    request: Request,
) -> Result<Json<bool>, Refusal> {
    let asked = caller.may_ask(request).await?;
    asked.run(DeleteFiles { project }).await?;
    Ok(Json(true))
}

/// Answers with a file's bytes, as the storage half does: a file of any size
/// fits no JSON text.
pub(crate) async fn read(
    caller: Caller,
    Ids((project, file)): Ids<(String, String)>,
    request: Request,
) -> Response {
    let read = async {
        reply::needs_chunks(request.version())?;
        let json = body::read(request, caller.bounds()).await?;
        json.user_only()?;
        Ok(json.user)
    };
    let user = match read.await {
        Ok(user) => user,
        Err(refusal) => return Refusal::into_response(refusal),
    };
    let route = caller.target.connector(&user);
    let answer = match &route {
        Ok(route) => {
            let call = caller.origin.call(route, &user);
            let read = |into| ReadFile {
                project,
                file: file.clone(),
                into,
            };
            let started = caller.services.dispatcher.stream(call, read).await;
            let sent = started.map(|started| reply::file(started, &file));
            sent.map_err(Refusal::from)
        }
        Err(refusal) => Err(refusal.clone()),
    };
    reply::file_or_break(answer, &user, route.as_ref().ok().map(|route| &**route))
}

/// Refuses, once the body has passed: there is no content to change a file
/// into, and no connector was ever shipped that does it.
pub(crate) async fn update(
    caller: Caller,
    Ids(_): Ids<(String, String)>,
    request: Request,
) -> Result<Response, Refusal> {
    caller.asks(request).await?;
    Err(Refusal::new(
        StatusCode::NOT_IMPLEMENTED,
        "The operation carries no content to update the file with. \
         POST the whole file instead.",
    ))
}

/// Removes a file, by its id, or else by its place in the list of files,
/// which is what the exporter sends.
pub(crate) async fn delete(
    caller: Caller,
    Ids((project, file)): Ids<(String, String)>,
    request: Request,
) -> Result<Json<bool>, Refusal> {
    let asked = caller.asks(request).await?;
    let delete = |file| {
        let project = project.clone();
        asked.run(DeleteFile { project, file })
    };
    let index = index(&file);
    let error = match delete(file).await {
        Ok(()) => return Ok(Json(true)),
        Err(error) => error,
    };
    let index = index.filter(|_| error.outcome() == Outcome::NotFound);
    let Some(index) = index else {
        return Err(error.into());
    };
    let files = gather(&asked, &project).await??;
    let Some(found) = files.into_iter().nth(index) else {
        return Err(error.into());
    };
    delete(found.id).await?;
    Ok(Json(true))
}

/// The place that a number names, counted from 0.
fn index(file: &str) -> Option<usize> {
    let plain = file.len() <= INDEX_DIGITS_MAX && file.bytes().all(|byte| byte.is_ascii_digit());
    let padded = file.len() > 1 && file.starts_with('0');
    file.parse().ok().filter(|_| plain && !padded)
}

async fn gather(asked: &Asked, project: &str) -> Result<Result<Vec<File>, Refusal>, Error> {
    let page = |after| {
        let listed = asked.run(ListFiles {
            project: project.to_owned(),
            after,
            max: PAGE_FILES,
        });
        async {
            let page = listed.await?;
            Ok((page.items, page.next))
        }
    };
    let weigh = |file: &File| file.id.len() + file.name.len() + answer::bytes(&file.details);
    let limits = &asked.caller.services.limits;
    listing::gather(limits, "The project holds", weigh, page).await
}

#[cfg(test)]
mod tests {
    use super::index;

    #[test]
    fn a_small_number_is_a_place() {
        for (file, expected) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("999999", Some(999_999)),
            ("1000000", None),
            ("01", None),
            ("+1", None),
            ("-1", None),
            ("a", None),
            ("", None),
            ("٣", None),
        ] {
            assert_eq!(index(file), expected, "{file}");
        }
    }
}
