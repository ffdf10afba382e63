//! `GET /storage/folder`.
//!
//! The specification lists one level with absolute paths and folders; the
//! shipped connector lists files alone, at every depth, relative to the
//! folder. The callers are written for the latter, and a folder in the list
//! would switch their whole job to archives, so it is the latter here too.

use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;

use super::path::FilePath;
use crate::dispatch::{Call, Error, file_store};
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Filepath};
use crate::frontend::rds::listing;
use crate::frontend::rds::problem::Refusal;

/// Entries asked for at a time.
const PAGE_ENTRIES: u32 = 1000;

/// The answer.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    files: Vec<String>,
}

/// Answers with the files below a folder.
pub(crate) async fn list(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Result<Json<Listing>, Refusal> {
    let json = body::read(request, services.bounds(&target)).await?;
    let path = FilePath::new(json.filepath(Filepath::Optional)?);
    let route = target.connector(&json.user)?;
    let attempt = |path| files(&services, || origin.call(&route, &json.user), path);
    let files = path.find(attempt).await??;
    Ok(Json(Listing { files }))
}

/// Every file below a folder, relative to it.
pub(in crate::frontend::rds) async fn files(
    services: &Services,
    call: impl Fn() -> Call,
    folder: String,
) -> Result<Result<Vec<String>, Refusal>, Error> {
    let page = |after| {
        let list = file_store::ListFolder {
            path: folder.clone(),
            recursive: true,
            after,
            max: PAGE_ENTRIES,
        };
        let listed = services.dispatcher.call(call(), list);
        async {
            let page = listed.await?;
            let files = page.entries.into_iter().filter(|entry| !entry.folder);
            Ok((files.map(|file| file.path).collect(), page.next))
        }
    };
    listing::gather(&services.limits, "The folder holds", String::len, page).await
}
