//! The audit trail.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};

use super::document::{AnyTime, OfQuery};
use super::{Api, stream as ndjson};
use crate::admin::extract::Query;
use crate::admin::problem::Failure;
use crate::catalog::EventStatus;
use crate::dispatch::ConnectorId;
use crate::persistence::Filter;

/// Events in one answer, unless asked for otherwise.
const MAX: u32 = 100;
/// Events in one answer, whatever is asked for.
const MAX_MAX: u32 = 1000;
/// Between two looks for events, which any host that shares the database may
/// have noted.
const POLL: Duration = Duration::from_millis(500);

/// Who did what
///
/// The latest events, or those after one of them, in the order they happened.
/// With `follow` they come one a line, and the answer goes on with those that
/// happen meanwhile; empty lines keep it alive.
#[utoipa::path(
    get, path = "/events", tag = "observation",
    params(
        ("after" = Option<i64>, Query, description = "Only those after this id: the oldest of them.", minimum = 0),
        ("connector" = Option<String>, Query, description = "Only those of this connector."),
        ("max" = Option<u32>, Query, description = "At most so many at a time; 100 when left out.", minimum = 1, maximum = 1000),
        ("follow" = Option<bool>, Query, description = "Whether the answer goes on."),
    ),
    responses(
        (status = 200, description = "Oldest first.", content(
            (Vec<EventStatus> = "application/json"),
            (EventStatus = "application/x-ndjson"),
        )),
        OfQuery, AnyTime,
    )
)]
pub(super) async fn events(State(api): State<Api>, mut query: Query) -> Result<Response, Failure> {
    let after = query.take("after", "the id of an event")?;
    let connector = query.take::<ConnectorId>("connector", "`name` or `tenant/name`")?;
    let max = query.take("max", "a number")?.unwrap_or(MAX);
    let follow = query.take("follow", "true or false")?.unwrap_or(false);
    query.finish()?;
    if !(1..=MAX_MAX).contains(&max) {
        return Err(Failure::malformed(format!("max: expected 1 to {MAX_MAX}")));
    }
    let after = after.unwrap_or(0);
    if after < 0 {
        return Err(Failure::malformed("after: expected the id of an event"));
    }
    let filter = Filter {
        after,
        connector: connector.map(|id| id.to_string()),
        max,
    };
    if !follow {
        return Ok(Json(find(&api, filter).await?).into_response());
    }
    let place = api.followers.enter()?;
    // Whatever can go wrong goes wrong here first, while it can be said.
    let (first, filter) = next(&api, filter).await?;
    let stop = api.services.stop.clone();
    let chunks = stream::unfold((api, filter, Some(first)), async |(api, filter, first)| {
        if let Some(first) = first {
            return Some((Ok(first), (api, filter, None)));
        }
        let mut filter = filter;
        loop {
            tokio::time::sleep(POLL).await;
            let found;
            (found, filter) = match next(&api, filter.clone()).await {
                Ok((found, later)) => (Ok(found), later),
                Err(failure) => (Err(failure), filter),
            };
            if !matches!(&found, Ok(lines) if lines.is_empty()) {
                return Some((found, (api, filter, None)));
            }
        }
    });
    Ok(ndjson::follow(
        chunks.take_until(stop.cancelled_owned()),
        place,
    ))
}

async fn find(api: &Api, filter: Filter) -> Result<Vec<EventStatus>, Failure> {
    let work = api.catalog(|catalog| async move { catalog.events(&filter).await });
    work.await
}

/// The next events as lines, and where to go on.
async fn next(api: &Api, filter: Filter) -> Result<(Vec<u8>, Filter), Failure> {
    let found = find(api, filter.clone()).await?;
    let mut lines = Vec::new();
    found
        .iter()
        .for_each(|event| ndjson::line(&mut lines, event));
    let after = found.last().map_or(filter.after, |event| event.id);
    Ok((lines, Filter { after, ..filter }))
}
