//! The table `messages` and its rows.

use std::borrow::Cow;

use tenon_sdk::{
    Result,
    message_log::Entry,
    sql::{Database, Statement, Value},
};

/// sqAPI's columns, and `results`. Times are RFC 3339 in UTC, as SQLite has no type for them.
const CREATE: &str = "\
CREATE TABLE IF NOT EXISTS messages (
    uuid TEXT NOT NULL PRIMARY KEY,
    meta_location TEXT,
    data_location TEXT,
    data_type TEXT,
    status TEXT,
    info TEXT,
    results TEXT,
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)";

/// Fails where a table of that name is another's.
const INSPECT: &str = "\
SELECT uuid, meta_location, data_location, data_type, status, info, results, created_at, updated_at
FROM messages LIMIT 0";

const GET: &str = "\
SELECT uuid, meta_location, data_location, data_type, status, info, results
FROM messages WHERE uuid = $1";

const UPDATE: &str = "\
INSERT INTO messages (uuid, meta_location, data_location, data_type, status, info, results)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (uuid) DO UPDATE SET
    meta_location = excluded.meta_location,
    data_location = excluded.data_location,
    data_type = excluded.data_type,
    status = excluded.status,
    info = excluded.info,
    results = coalesce(excluded.results, results),
    updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

pub(crate) fn initialize(database: &Database) -> Result<()> {
    let statements = vec![Statement::new(CREATE, &[])?, Statement::new(INSPECT, &[])?];
    database.execute(statements).map(drop)
}

pub(crate) fn get(database: &Database, uuid: &str) -> Result<Option<Entry>> {
    let rows = database.query(GET, &[storable(uuid)])?;
    let Some(row) = rows.as_ref().and_then(|rows| rows.first()) else {
        return Ok(None);
    };
    Ok(Some(Entry {
        uuid: row.get("uuid")?,
        meta_location: row.get("meta_location")?,
        data_location: row.get("data_location")?,
        data_type: row.get("data_type")?,
        status: row.get("status")?,
        info: row.get("info")?,
        results: row.get("results")?,
    }))
}

/// A statement for each, in one transaction: there is no way to the server that each would pay.
pub(crate) fn update(database: &Database, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let statements = entries.iter().map(|entry| {
        let values = [
            storable(&entry.uuid),
            optional(&entry.meta_location),
            optional(&entry.data_location),
            optional(&entry.data_type),
            storable(&entry.status),
            optional(&entry.info),
            optional(&entry.results),
        ];
        Statement::new(UPDATE, &values)
    });
    let statements = statements.collect::<Result<Vec<_>>>()?;
    database.execute(statements).map(drop)
}

fn optional(text: &Option<String>) -> Value {
    text.as_deref().map(storable).into()
}

/// The packed form has no NUL in text. One in an error's text must not keep a whole batch from
/// being stored.
fn storable(text: &str) -> Value {
    let text = if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    };
    text.into_owned().into()
}
