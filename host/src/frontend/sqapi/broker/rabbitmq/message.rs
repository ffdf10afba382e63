//! Messages as AMQP has them.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::frontend::sqapi::broker::{Death, Failed, Message, Origin};

/// Counted tries before this one.
const ATTEMPT: &str = "x-tenon-attempt";
/// The one processor that is to run.
const ONLY: &str = "x-tenon-only";
/// Where the message was first taken from.
const ORIGIN: [&str; 3] = ["x-tenon-queue", "x-tenon-exchange", "x-tenon-routing-key"];
/// As Python has it, in UTC, which is what sqAPI writes.
const TIMESTAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]");
/// Kept by the server over a restart of its own.
const PERSISTENT: u8 = 2;

/// What was delivered from `queue`. `main` is the queue of all hosts, in which
/// messages wait under its name.
pub(super) fn of_delivery(delivery: &Delivery, queue: &str, main: &str) -> Message {
    let headers = delivery.properties.headers().clone().unwrap_or_default();
    let text = |key| text(&headers, key);
    let (exchange, key) = (delivery.exchange.as_str(), delivery.routing_key.as_str());
    let came_by_name = exchange.is_empty() && key == main;
    let [queue_key, exchange_key, routing_key] = ORIGIN;
    let origin = match text(queue_key) {
        Some(queue) => Origin {
            queue,
            exchange: text(exchange_key).unwrap_or_default(),
            routing_key: text(routing_key).unwrap_or_default(),
        },
        None => Origin {
            queue: queue.to_owned(),
            exchange: exchange.to_owned(),
            routing_key: key.to_owned(),
        },
    };
    let named = || (!came_by_name).then(|| third_part(key)).flatten();
    Message {
        body: delivery.data.clone().into(),
        only: text(ONLY).or_else(named),
        attempt: number(&headers, ATTEMPT).unwrap_or_default(),
        origin,
    }
}

/// A routing key of exactly three parts names the processor to run.
fn third_part(key: &str) -> Option<String> {
    let parts: Vec<_> = key.split('.').collect();
    match parts[..] {
        [_, _, only] if !only.is_empty() => Some(only.to_owned()),
        _ => None,
    }
}

/// Headers that carry what the message itself does not say.
pub(super) fn properties(message: &Message) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers(message))
}

fn headers(message: &Message) -> FieldTable {
    let mut headers = FieldTable::default();
    let attempt = AMQPValue::LongUInt(message.attempt);
    headers.insert(ATTEMPT.into(), attempt);
    if let Some(only) = &message.only {
        headers.insert(ONLY.into(), long(only));
    }
    let origin = &message.origin;
    let [queue, exchange, key] = ORIGIN;
    headers.insert(queue.into(), long(&origin.queue));
    headers.insert(exchange.into(), long(&origin.exchange));
    headers.insert(key.into(), long(&origin.routing_key));
    headers
}

/// As sqAPI says why a message was given up, by a processor where one is to
/// blame. Contract, section 5.2. Sent back as it is, it starts anew, and only
/// that processor sees it.
pub(super) fn dead_properties(
    message: &Message,
    death: &Death,
    failed: Option<&Failed>,
) -> BasicProperties {
    let plugin = failed.map(|failed| failed.plugin.as_str());
    let (kind, reason) = death.told(failed);
    let mut information = FieldTable::default();
    let at = OffsetDateTime::from(death.at).format(TIMESTAMP);
    let at = long(&at.unwrap_or_default());
    information.insert("x-exception-timestamp".into(), at);
    information.insert("x-exception-reason".into(), long(reason));
    information.insert("x-exception-system".into(), long("Sqapi"));
    information.insert("x-exception-type".into(), long(kind));
    let origin = &message.origin;
    let queue = match plugin {
        Some(plugin) => format!("{}.{plugin}", origin.queue),
        None => origin.queue.clone(),
    };
    let keys = FieldArray::from(vec![long(&origin.routing_key)]);
    let mut table = FieldTable::default();
    let information = AMQPValue::FieldTable(information);
    table.insert("x-exception-information".into(), information);
    table.insert("queue".into(), long(&queue));
    table.insert("exchange".into(), long(&origin.exchange));
    table.insert("routing-keys".into(), AMQPValue::FieldArray(keys));
    let anew = Message {
        attempt: 0,
        only: plugin.map(str::to_owned).or_else(|| message.only.clone()),
        ..message.clone()
    };
    let mut headers = headers(&anew);
    headers.insert("x-death".into(), AMQPValue::FieldTable(table));
    properties(message).with_headers(headers)
}

fn long(text: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(text))
}

fn text(headers: &FieldTable, key: &str) -> Option<String> {
    match headers.inner().get(key)? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    }
}

fn number(headers: &FieldTable, key: &str) -> Option<u32> {
    match headers.inner().get(key)? {
        AMQPValue::LongUInt(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_name_a_processor() {
        assert_eq!(third_part("message.sqapi.sizes").as_deref(), Some("sizes"));
        for other in ["", "sizes", "a.b", "a.b.c.d", "a.b."] {
            assert_eq!(third_part(other), None, "{other}");
        }
    }

    #[test]
    fn headers_bring_back_what_they_took() {
        let message = Message {
            body: "x".into(),
            only: Some("sizes".to_owned()),
            attempt: 3,
            origin: Origin {
                queue: "q".to_owned(),
                exchange: "x".to_owned(),
                routing_key: "a.b.c".to_owned(),
            },
        };
        let headers = headers(&message);
        assert_eq!(text(&headers, ONLY).as_deref(), Some("sizes"));
        assert_eq!(number(&headers, ATTEMPT), Some(3));
        assert_eq!(text(&headers, ORIGIN[2]).as_deref(), Some("a.b.c"));
    }
}
