//! A message as it is kept, whatever for.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Error, Result};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What was sent.
    pub body: Vec<u8>,
    /// The one processor that is to run; empty for all.
    pub only: String,
    /// Counted tries before this one.
    pub attempt: u32,
    /// Where it was first taken from, as JSON.
    pub origin: String,
}

pub(super) fn read(row: &AnyRow) -> Result<Letter> {
    let attempt: i64 = row.try_get("attempt")?;
    Ok(Letter {
        body: row.try_get("body")?,
        only: row.try_get("only_one")?,
        attempt: u32::try_from(attempt).map_err(|error| Error::Unreadable {
            what: "attempt",
            why: error.to_string(),
        })?,
        origin: row.try_get("origin")?,
    })
}
