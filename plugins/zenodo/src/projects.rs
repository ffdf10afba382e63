//! Deposits as projects: their list, and their life until they are published.

use serde_json::{Value, json};
use tenon_sdk::{
    Error, Kind, Result,
    http::Request,
    repository::{Page, PageRequest, Project},
    warn,
};

use crate::{
    client::{self, Client},
    deposit::{Deposit, Id},
};

/// The most that Zenodo gives in one answer to anyone.
const PAGE_MAX: u64 = 25;

/// The caller's deposits that are not published.
pub(crate) fn list(client: &Client, request: PageRequest<'_>) -> Result<Page<Project>> {
    let start = place(request.after)?;
    let (number, size) = page(start, request.max);
    let url = format!("{}?page={number}&size={size}", client.deposits());
    let response = client::send(Request::get(url), "deposits")?;
    let deposits: Vec<Deposit> = client::json(response, "deposits")?;
    let next = (deposits.len() as u64 >= size).then(|| (start + size).to_string());
    let unpublished = deposits
        .into_iter()
        .filter(|deposit| !deposit.is_published());
    let items: Option<_> = unpublished
        .map(|deposit| {
            let id = deposit.recid().or_else(|| deposit.id())?;
            Some(project(&id, deposit))
        })
        .collect();
    let items = items.ok_or_else(|| Error::unavailable("Zenodo lists a deposit without an id"))?;
    Ok(Page { items, next })
}

/// A new deposit. What can be wrong with `metadata` must be known before.
pub(crate) fn create(client: &Client, metadata: Option<Value>) -> Result<Project> {
    let deposit = post(client)?;
    let Some(id) = deposit.id() else {
        warn!("a new deposit is left behind: Zenodo did not tell its id");
        return Err(Error::unavailable(
            "Zenodo made a deposit without telling its id; it is left behind",
        ));
    };
    let Some(metadata) = metadata else {
        return Ok(project(&id, deposit));
    };
    match put(client, &id, &metadata) {
        Ok(deposit) => Ok(project(&id, deposit)),
        Err(error) => Err(take_back(client, &id, error)),
    }
}

/// Replaces a deposit's metadata and gives it as it is then.
pub(crate) fn update(client: &Client, id: &Id, metadata: &Value) -> Result<Value> {
    put(client, id, metadata).map(Deposit::metadata)
}

/// Removes a deposit. Success is 201 by Zenodo's documentation and 204 in fact. When the answer is
/// lost, the deposit that is not there any more is the answer.
pub(crate) fn delete(client: &Client, id: &Id) -> Result<()> {
    let request = Request::delete(client.deposit_url(id));
    match client::send(request, id.as_str()) {
        Err(error) if error.kind() == Kind::Unavailable => match client.deposit(id) {
            Err(gone) if gone.kind() == Kind::NotFound => Ok(()),
            _ => Err(error),
        },
        result => result.map(drop),
    }
}

fn post(client: &Client) -> Result<Deposit> {
    let request = Request::post(client.deposits())
        .header("content-type", "application/json")
        .body("{}");
    let made =
        client::send(request, "deposits").and_then(|response| client::json(response, "deposits"));
    made.map_err(|error| {
        // Everything else is an answer that says no.
        if error.kind() != Kind::Unavailable {
            return error;
        }
        warn!("a new deposit may be left behind: {error}");
        error.noting("whether a deposit was made is not known, an empty one may be left behind")
    })
}

fn put(client: &Client, id: &Id, metadata: &Value) -> Result<Deposit> {
    let request = Request::put(client.deposit_url(id))
        .header("content-type", "application/json")
        .body(json!({ "metadata": metadata }).to_string());
    client::json(client::send(request, id.as_str())?, id.as_str())
}

/// Removes a deposit that could not be completed and gives the error to answer with.
fn take_back(client: &Client, id: &Id, cause: Error) -> Error {
    let note = match delete(client, id) {
        Err(error) if error.kind() == Kind::Unavailable => {
            format!("whether the new deposit {id} was removed is not known, it may be left behind")
        }
        Err(error) if error.kind() != Kind::NotFound => {
            format!("the new deposit {id} is left behind, to remove it failed: {error}")
        }
        _ => return cause,
    };
    warn!("{cause}; {note}");
    cause.noting(&note)
}

fn project(id: &Id, deposit: Deposit) -> Project {
    Project {
        id: id.to_string(),
        metadata: deposit.metadata().to_string(),
    }
}

/// Where a page begins, counted from the first item.
pub(crate) fn place(after: Option<&str>) -> Result<u64> {
    after.map_or(Ok(0), |after| {
        let place = after.parse::<u32>().map(u64::from);
        place.map_err(|_| Error::invalid("this is no place in the list").about(after))
    })
}

/// The largest of Zenodo's pages, by number and size, that begins at `start` and has no more than
/// `max` items.
fn page(start: u64, max: u32) -> (u64, u64) {
    let most = u64::from(max).clamp(1, PAGE_MAX);
    let fitting = (1..=most).rev().find(|&size| start.is_multiple_of(size));
    let size = fitting.unwrap_or(1);
    (start / size + 1, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_where_the_last_ended() {
        assert_eq!(page(0, 1000), (1, 25));
        assert_eq!(page(25, 1000), (2, 25));
        assert_eq!(page(10, 10), (2, 10));
        // Another size than before.
        assert_eq!(page(10, 25), (2, 10));
        assert_eq!(page(25, 7), (6, 5));
        assert_eq!(page(7, 3), (8, 1));
        assert_eq!(page(0, 0), (1, 1));
    }

    #[test]
    fn places_are_numbers() {
        assert_eq!(place(None).unwrap(), 0);
        assert_eq!(place(Some("50")).unwrap(), 50);
        for wrong in ["", "-1", "1&size=9", "99999999999"] {
            assert_eq!(place(Some(wrong)).unwrap_err().kind(), Kind::Invalid);
        }
    }
}
