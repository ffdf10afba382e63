//! `GET /storage/folder`.
//!
//! The specification lists one level with absolute paths and folders; the
//! shipped connector lists files alone, at every depth, relative to the
//! folder. The callers are written for the latter, and a folder in the list
//! would switch their whole job to archives, so it is the latter here too.

use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use serde::Serialize;

use super::path::FilePath;
use crate::dispatch::{Dispatcher, Error, file_store};
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Filepath};
use crate::frontend::rds::caller::Caller;
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::{Limits, Services};

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
    let caller = services.caller(&origin, &route, &json.user).await?;
    let attempt = |path| gather(&services.dispatcher, &services.limits, &caller, path);
    let files = path.find(attempt).await??;
    Ok(Json(Listing { files }))
}

/// Follows the pages. Held in memory, because a failure in a later page must
/// still be a status; that is why the list has a limit.
async fn gather(
    dispatcher: &Dispatcher,
    limits: &Limits,
    caller: &Caller,
    path: String,
) -> Result<Result<Vec<String>, Refusal>, Error> {
    let mut left = Left::of(limits);
    let mut files = Vec::new();
    let mut after = None;
    loop {
        let list = file_store::ListFolder {
            path: path.clone(),
            recursive: true,
            after,
            max: PAGE_ENTRIES,
        };
        let page = dispatcher.call(caller.call(), list).await?;
        // An empty page counts too: a plugin could send them without end.
        if let Err(refusal) = left.take(1, 0) {
            return Ok(Err(refusal));
        }
        for entry in page.entries.into_iter().filter(|entry| !entry.folder) {
            if let Err(refusal) = left.take(1, entry.path.len()) {
                return Ok(Err(refusal));
            }
            files.push(entry.path);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(Ok(files)),
        }
    }
}

/// What a list may still hold.
struct Left {
    entries: usize,
    bytes: usize,
    limits: Limits,
}

impl Left {
    fn of(limits: &Limits) -> Self {
        Self {
            entries: limits.listing_entries,
            bytes: limits.listing_bytes,
            limits: limits.clone(),
        }
    }

    fn take(&mut self, entries: usize, bytes: usize) -> Result<(), Refusal> {
        let over = |name, max| {
            Refusal::new(
                StatusCode::BAD_GATEWAY,
                format!("The folder holds more than can be listed: {name} is {max}."),
            )
        };
        self.entries = self
            .entries
            .checked_sub(entries)
            .ok_or_else(|| over("listing_entries", self.limits.listing_entries))?;
        self.bytes = self
            .bytes
            .checked_sub(bytes)
            .ok_or_else(|| over("listing_bytes", self.limits.listing_bytes))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Left;
    use crate::frontend::rds::Limits;

    #[test]
    fn a_list_has_limits() {
        let limits = Limits {
            listing_entries: 3,
            listing_bytes: 10,
            body_time: Duration::from_secs(1),
        };
        let mut left = Left::of(&limits);
        left.take(2, 4).unwrap();
        let refusal = left.take(1, 7).unwrap_err();
        assert!(refusal.body().1.contains("listing_bytes is 10"));
        let refusal = left.take(2, 0).unwrap_err();
        assert!(refusal.body().1.contains("listing_entries is 3"));
    }
}
