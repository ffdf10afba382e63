//! Messages as JetStream has them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::{HeaderMap, jetstream};

use crate::frontend::sqapi::broker::{Death, Failed, Message, Origin};

const ATTEMPT: &str = "x-tenon-attempt";
const ONLY: &str = "x-tenon-only";
/// Milliseconds since 1970.
const DUE: &str = "x-tenon-due";
const QUEUE: &str = "x-tenon-queue";
const ROUTING_KEY: &str = "x-tenon-routing-key";

/// What was delivered.
pub(super) fn read(message: &jetstream::Message, stream: &str) -> Message {
    let header = |name: &str| {
        let value = message.headers.as_ref()?.get(name)?;
        Some(value.as_str().to_owned())
    };
    let subject = message.subject.as_str();
    Message {
        body: message.payload.clone(),
        only: header(ONLY).or_else(|| third_part(subject)),
        attempt: header(ATTEMPT)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        origin: Origin {
            queue: header(QUEUE).unwrap_or_else(|| stream.to_owned()),
            exchange: String::new(),
            routing_key: header(ROUTING_KEY).unwrap_or_else(|| subject.to_owned()),
        },
    }
}

/// A subject of exactly three parts names the processor to run.
fn third_part(subject: &str) -> Option<String> {
    let parts: Vec<_> = subject.split('.').collect();
    match parts[..] {
        [_, _, only] => Some(only.to_owned()),
        _ => None,
    }
}

/// How long a message is still to be left alone.
pub(super) fn left(message: &jetstream::Message) -> Option<Duration> {
    let due = message.headers.as_ref()?.get(DUE)?;
    let due: u64 = due.as_str().parse().ok()?;
    let left = Duration::from_millis(due).checked_sub(now())?;
    (!left.is_zero()).then_some(left)
}

pub(super) fn headers(message: &Message, after: Duration) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ATTEMPT, message.attempt.to_string());
    if let Some(only) = &message.only {
        headers.insert(ONLY, line(only));
    }
    if !after.is_zero() {
        let due = now().saturating_add(after).as_millis();
        headers.insert(DUE, due.to_string());
    }
    headers.insert(QUEUE, line(&message.origin.queue));
    headers.insert(ROUTING_KEY, line(&message.origin.routing_key));
    headers
}

/// As sqAPI says why a message was given up, by the same names as elsewhere.
pub(super) fn dead_headers(message: &Message, death: &Death, failed: Option<&Failed>) -> HeaderMap {
    let (kind, reason) = death.told(failed);
    let mut headers = headers(message, Duration::ZERO);
    let at = death.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    headers.insert("x-exception-timestamp", at.as_secs().to_string());
    headers.insert("x-exception-reason", line(reason));
    headers.insert("x-exception-system", "Sqapi");
    headers.insert("x-exception-type", kind);
    headers
}

/// A header has one line.
fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn now() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
