//! Rows of the table `messages`.

use std::{borrow::Cow, collections::BTreeMap};

use tenon_sdk::{
    Result,
    message_log::Entry,
    sql::{Database, Statement, packed::Positional},
};

const GET: &str = "\
SELECT uuid, meta_location, data_location, data_type, status, info, results
FROM messages WHERE uuid = $1";

/// One statement for any number of entries, so that the server reads and plans it once.
const UPDATE: &str = "\
INSERT INTO messages AS known
    (uuid, meta_location, data_location, data_type, status, info, results)
SELECT * FROM unnest
    ($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
ON CONFLICT (uuid) DO UPDATE SET
    meta_location = EXCLUDED.meta_location,
    data_location = EXCLUDED.data_location,
    data_type = EXCLUDED.data_type,
    status = EXCLUDED.status,
    info = EXCLUDED.info,
    results = COALESCE(EXCLUDED.results, known.results),
    updated_at = now()";

pub(crate) fn get(database: &Database, uuid: &str) -> Result<Option<Entry>> {
    let rows = database.query(GET, &[storable(uuid).as_ref().into()])?;
    let Some(row) = rows.as_ref().and_then(|rows| rows.first()) else {
        return Ok(None);
    };
    Ok(Some(Entry {
        uuid: row.get("uuid")?,
        meta_location: row.get("meta_location")?,
        data_location: row.get("data_location")?,
        data_type: row.get("data_type")?,
        // A row of another maker may have none.
        status: row.get::<Option<_>>("status")?.unwrap_or_default(),
        info: row.get("info")?,
        results: row.get("results")?,
    }))
}

pub(crate) fn update(database: &Database, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let latest = latest(entries);
    let mut parameters = Positional::default();
    let mut column = |texts: Vec<Option<Cow<'_, str>>>| {
        parameters.push_texts(texts.iter().map(Option::as_deref))
    };
    let all = || latest.values();
    column(
        all()
            .map(|(entry, _)| Some(storable(&entry.uuid)))
            .collect(),
    )?;
    column(
        all()
            .map(|(entry, _)| optional(&entry.meta_location))
            .collect(),
    )?;
    column(
        all()
            .map(|(entry, _)| optional(&entry.data_location))
            .collect(),
    )?;
    column(all().map(|(entry, _)| optional(&entry.data_type)).collect())?;
    column(
        all()
            .map(|(entry, _)| Some(storable(&entry.status)))
            .collect(),
    )?;
    column(all().map(|(entry, _)| optional(&entry.info)).collect())?;
    column(all().map(|(_, results)| results.map(storable)).collect())?;
    let statement = Statement {
        text: UPDATE.to_owned(),
        parameters: parameters.finish(),
    };
    database.execute(vec![statement]).map(drop)
}

/// The last entry of each message, with the last results: one statement can touch a row once. In
/// the order of their keys, in which everyone takes the rows' locks, so that no two wait for each
/// other.
fn latest(entries: &[Entry]) -> BTreeMap<Cow<'_, str>, (&Entry, Option<&str>)> {
    let mut latest = BTreeMap::new();
    for entry in entries {
        let (last, results) = latest
            .entry(storable(&entry.uuid))
            .or_insert((entry, None::<&str>));
        *last = entry;
        *results = entry.results.as_deref().or(*results);
    }
    latest
}

fn optional(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(storable)
}

/// PostgreSQL stores no NUL. One in an error's text must not keep a whole batch from being stored.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
