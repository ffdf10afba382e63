//! The role `message-log`.

use super::expect::{Checked, done, holds, same};
use super::lifecycle::touch::NOTHING;
use super::report::{Outcome, passed};
use super::trial::Trial;
use crate::dispatch::message_log::{Entry, Get, Initialize, Update};

/// An entry with something in every field, under an identity of its own.
fn entry() -> Entry {
    let text = |text: &str| Some(text.to_owned());
    Entry {
        uuid: format!("tenon-conformance-{}", uuid::Uuid::new_v4().simple()),
        meta_location: text("m"),
        data_location: text("a/ü's.txt"),
        data_type: text("text/plain"),
        status: "RETRY".to_owned(),
        info: text("50 % of it: \"why\""),
        results: text(r#"{"sizes":{"status":"done"}}"#),
    }
}

async fn initialize(trial: &Trial) -> Checked {
    done("initialize", trial.client.call(Initialize).await)
}

async fn update(trial: &Trial, entries: &[Entry]) -> Checked {
    let entries = entries.to_vec();
    done("update", trial.client.call(Update { entries }).await)
}

/// What is known now, where entries have no `PartialEq`.
async fn known(trial: &Trial, uuid: &str) -> Checked<Option<[Option<String>; 7]>> {
    let uuid = uuid.to_owned();
    let found = done("get", trial.client.call(Get { uuid }).await)?;
    Ok(found.as_ref().map(fields))
}

fn fields(entry: &Entry) -> [Option<String>; 7] {
    let entry = entry.clone();
    [
        Some(entry.uuid),
        entry.meta_location,
        entry.data_location,
        entry.data_type,
        Some(entry.status),
        entry.info,
        entry.results,
    ]
}

async fn must_be(trial: &Trial, what: &str, expected: &Entry) -> Checked {
    let found = known(trial, &expected.uuid).await?;
    same(what, &found, &Some(fields(expected)))
}

pub(super) async fn initializes(trial: &Trial) -> Outcome {
    for _ in 0..3 {
        initialize(trial).await?;
    }
    passed()
}

pub(super) async fn round_trip(trial: &Trial) -> Outcome {
    initialize(trial).await?;
    let entry = entry();
    update(trial, std::slice::from_ref(&entry)).await?;
    must_be(trial, "what was stored and what is known differ", &entry).await?;
    passed()
}

pub(super) async fn replaces(trial: &Trial) -> Outcome {
    initialize(trial).await?;
    let first = entry();
    let last = Entry {
        status: "DONE".to_owned(),
        info: None,
        data_location: None,
        results: Some("{}".to_owned()),
        ..first.clone()
    };
    update(trial, &[first.clone(), entry(), last.clone()]).await?;
    must_be(trial, "of several in one update, the last holds", &last).await?;
    update(trial, std::slice::from_ref(&first)).await?;
    must_be(trial, "an entry replaces the one before", &first).await?;
    passed()
}

pub(super) async fn results_stay(trial: &Trial) -> Outcome {
    initialize(trial).await?;
    let first = entry();
    let next = Entry {
        results: None,
        ..first.clone()
    };
    update(trial, std::slice::from_ref(&first)).await?;
    update(trial, &[next]).await?;
    must_be(
        trial,
        "an entry without results leaves those before",
        &first,
    )
    .await?;
    passed()
}

pub(super) async fn unknown(trial: &Trial) -> Outcome {
    initialize(trial).await?;
    let found = known(trial, NOTHING).await?;
    holds(found.is_none(), || {
        format!("get of what is not there answers {found:?}")
    })?;
    passed()
}
