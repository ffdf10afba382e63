//! The latest log records, and those to come.

use axum::extract::State;
use axum::response::Response;
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tracing::Level;

use super::document::{AnyTime, OfQuery};
use super::{Api, stream as ndjson};
use crate::admin::extract::Query;
use crate::admin::problem::Failure;
use crate::dispatch::ConnectorId;
use crate::telemetry::journal::{Batch, Reader, Record};

/// Records from before the request, unless asked for otherwise.
const MAX: usize = 1000;
/// Records in one piece of the answer. What comes faster than it is sent stays
/// in the journal.
const BATCH: usize = 256;

/// The log
///
/// The latest records that this host still holds, one a line, as its log has
/// them in the format `json`. With `follow` the answer goes on with those to
/// come; empty lines keep it alive. Where it could not keep up, a record with
/// the member `missed` says how many are left out.
#[utoipa::path(
    get, path = "/logs", tag = "observation",
    params(
        ("level" = Option<String>, Query, description = "Nothing below `error`, `warn`, `info`, `debug` or `trace`. What the host's own filter leaves out is not there at any level."),
        ("connector" = Option<String>, Query, description = "Only those of calls of this connector, its guest's lines among them."),
        ("max" = Option<u32>, Query, description = "At most so many from before the request; 1000 when left out.", minimum = 0),
        ("follow" = Option<bool>, Query, description = "Whether the answer goes on."),
    ),
    responses(
        (status = 200, description = "Oldest first.", body = Object, content_type = "application/x-ndjson"),
        OfQuery, AnyTime,
    )
)]
pub(super) async fn logs(State(api): State<Api>, mut query: Query) -> Result<Response, Failure> {
    let level = query.take("level", "`error`, `warn`, `info`, `debug` or `trace`")?;
    let connector = query.take::<ConnectorId>("connector", "`name` or `tenant/name`")?;
    let max = query.take("max", "a number")?.unwrap_or(MAX);
    let follow = query.take("follow", "true or false")?.unwrap_or(false);
    query.finish()?;
    let wanted = Wanted {
        level: level.unwrap_or(Level::TRACE),
        connector: connector.map(|id| id.to_string()),
    };
    let mut reader = api.services.journal.reader();
    let past = past(&mut reader, &wanted, max);
    if !follow {
        return Ok(ndjson::lines(past));
    }
    let place = api.followers.enter()?;
    let stop = api.services.stop.clone();
    let coming = stream::unfold(
        (reader, wanted, stop),
        async |(mut reader, wanted, stop)| {
            loop {
                // Once the host stops, what is there already is still sent.
                let more = stop.run_until_cancelled(reader.wait()).await.is_some();
                let batch = reader.take(BATCH);
                let ended = !more && batch.records.is_empty();
                if ended {
                    return None;
                }
                let chunk = wanted.lines(&batch);
                if !chunk.is_empty() {
                    return Some((Ok(chunk), (reader, wanted, stop)));
                }
            }
        },
    );
    let chunks = stream::iter([Ok(past)]).chain(coming);
    Ok(ndjson::follow(chunks, place))
}

/// The latest records that are there already.
fn past(reader: &mut Reader, wanted: &Wanted, max: usize) -> Vec<u8> {
    let Batch { records, .. } = reader.take(usize::MAX);
    let latest = records.iter().rev().filter(|record| wanted.is(record));
    let latest: Vec<_> = latest.take(max).collect();
    let mut lines = Vec::new();
    latest
        .iter()
        .rev()
        .for_each(|record| push(&mut lines, record));
    lines
}

/// Which records are asked for.
#[derive(Debug)]
struct Wanted {
    level: Level,
    connector: Option<String>,
}

impl Wanted {
    fn lines(&self, batch: &Batch) -> Vec<u8> {
        let mut lines = Vec::new();
        if batch.missed > 0 {
            let notice = json!({
                "level": "WARN",
                "message": format!("{} records were gone before they could be sent", batch.missed),
                "missed": batch.missed,
            });
            ndjson::line(&mut lines, &notice);
        }
        let records = batch.records.iter().filter(|record| self.is(record));
        records.for_each(|record| push(&mut lines, record));
        lines
    }

    fn is(&self, record: &Record) -> bool {
        // `TRACE` is the greatest.
        record.level <= self.level
            && self
                .connector
                .as_ref()
                .is_none_or(|connector| is_about(record, connector))
    }
}

fn push(lines: &mut Vec<u8>, record: &Record) {
    lines.extend_from_slice(record.line.as_bytes());
    lines.push(b'\n');
}

/// Where a record names its connector: itself, or a span around it.
#[derive(Deserialize)]
struct About {
    connector: Option<String>,
    #[serde(default)]
    spans: Vec<Spanned>,
}

#[derive(Deserialize)]
struct Spanned {
    connector: Option<String>,
}

fn is_about(record: &Record, connector: &str) -> bool {
    // Most records are somebody else's, and need not be parsed for that.
    record.line.contains(connector)
        && serde_json::from_str(&record.line).is_ok_and(|about: About| {
            let spans = about.spans.into_iter().map(|span| span.connector);
            let mut named = spans.chain([about.connector]).flatten();
            named.any(|named| named == connector)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: Level, line: &str) -> Record {
        Record {
            level,
            line: line.to_owned(),
        }
    }

    #[test]
    fn a_level_leaves_out_what_is_below() {
        let wanted = Wanted {
            level: Level::WARN,
            connector: None,
        };
        let is = |level| wanted.is(&record(level, "{}"));
        assert!(is(Level::ERROR) && is(Level::WARN));
        assert!(!is(Level::INFO) && !is(Level::TRACE));
    }

    #[test]
    fn a_connector_is_named_by_the_record_or_a_span_around_it() {
        let wanted = Wanted {
            level: Level::TRACE,
            connector: Some("acme/a".to_owned()),
        };
        for (line, expected) in [
            (r#"{"connector":"acme/a"}"#, true),
            (r#"{"spans":[{"name":"x"},{"connector":"acme/a"}]}"#, true),
            (r#"{"connector":"acme\/a"}"#, false),
            (r#"{"connector":"acme/ab"}"#, false),
            (r#"{"message":"acme/a"}"#, false),
            ("{}", false),
        ] {
            assert_eq!(wanted.is(&record(Level::INFO, line)), expected, "{line}");
        }
    }

    #[test]
    fn a_reader_that_was_too_slow_is_told() {
        let wanted = Wanted {
            level: Level::ERROR,
            connector: None,
        };
        let batch = Batch {
            missed: 3,
            records: vec![
                record(Level::ERROR, r#"{"message":"a"}"#).into(),
                record(Level::INFO, r#"{"message":"b"}"#).into(),
            ],
        };
        let lines = String::from_utf8(wanted.lines(&batch)).unwrap();
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains(r#""missed":3"#) && lines[0].contains("3 records"));
        assert_eq!(lines[1], r#"{"message":"a"}"#);
    }
}
