//! `[broker]` of a pipeline: where its messages come from. sqAPI contract,
//! sections 4 and 5; what it lacks is named as AMQP's clients name it.

use std::net::Ipv4Addr;
use std::time::Duration;

use secrecy::SecretString;

use crate::config::secret::secret;
use crate::config::source::{Entry, Section};
use crate::frontend::sqapi::broker::Config as Broker;
use crate::frontend::sqapi::broker::{nats, rabbitmq};
use crate::frontend::sqapi::settings::Limits;

/// sqAPI's queue, and that of dead letters.
const QUEUE: &str = "q_sqapi";
const DEAD_EXCHANGE: &str = "DLQ";
const DEAD_KEY: &str = "message.sqapi";
const KINDS: [&str; 4] = ["fanout", "topic", "direct", "headers"];
/// Half a minute of silence is a dead peer, and no busy one.
const HEARTBEAT_MS: u64 = 15_000;
const CONNECT_TIMEOUT_MS: u64 = 10_000;
const BACKOFF_MIN_MS: u64 = 500;
/// So that a server that is back is found within half a minute.
const BACKOFF_MAX_MS: u64 = 30_000;

enum Kind {
    Embedded,
    RabbitMq,
    Nats,
}

/// The host's own queue, unless told otherwise. `prefetch` is what the
/// pipeline works on at one time.
pub(super) fn read(section: Option<Section<'_>>, limits: &mut Limits) -> Option<Broker> {
    let Some(mut section) = section else {
        return Some(Broker::Embedded);
    };
    section.set("prefetch", &mut limits.messages);
    let place = section.below("type");
    let kind = match section.text("type").as_deref() {
        None | Some("embedded") => Kind::Embedded,
        Some("rabbitmq") => Kind::RabbitMq,
        Some("nats") => Kind::Nats,
        Some(other) => {
            place.problem(format_args!(
                "`{other}` is none of `embedded`, `rabbitmq` and `nats`"
            ));
            section.take_all();
            return None;
        }
    };
    match kind {
        Kind::Embedded => Some(Broker::Embedded),
        Kind::RabbitMq => rabbitmq(section).map(|config| Broker::RabbitMq(Box::new(config))),
        Kind::Nats => nats(section).map(Broker::Nats),
    }
}

fn rabbitmq(mut section: Section<'_>) -> Option<rabbitmq::Config> {
    let text = |section: &mut Section<'_>, key, default: &str| {
        section.text(key).unwrap_or_else(|| default.to_owned())
    };
    let tls = tls(&mut section);
    let mut port = if tls.is_some() { 5671 } else { 5672 };
    section.set("port", &mut port);
    let password = section.take("password").map(secret);
    let topology = topology(&mut section);
    Some(rabbitmq::Config {
        host: text(&mut section, "host", &Ipv4Addr::LOCALHOST.to_string()),
        port,
        vhost: text(&mut section, "vhost", "/"),
        // What RabbitMQ is shipped with, and takes from this machine alone.
        username: text(&mut section, "username", "guest"),
        password: match password {
            Some(password) => password?,
            None => SecretString::from("guest"),
        },
        tls,
        heartbeat: time(&mut section, "heartbeat_ms", HEARTBEAT_MS),
        connect_timeout: time(&mut section, "connect_timeout_ms", CONNECT_TIMEOUT_MS),
        backoff_min: time(&mut section, "backoff_min_ms", BACKOFF_MIN_MS),
        backoff_max: time(&mut section, "backoff_max_ms", BACKOFF_MAX_MS),
        queue: text(&mut section, "queue", QUEUE),
        exchange: section.section("exchange").and_then(exchange),
        topology,
        dead_letters: dead_letters(&mut section, topology),
    })
}

fn tls(section: &mut Section<'_>) -> Option<rabbitmq::Tls> {
    let entry = section.take("tls")?;
    if !entry.value().is_table() {
        return entry.boolean()?.then(rabbitmq::Tls::default);
    }
    let mut section = entry.section()?;
    let mut tls = rabbitmq::Tls::default();
    if let Some(entry) = section.take("ca") {
        let place = entry.place.clone();
        if let Some(path) = entry.text().map(|path| place.reading.path(&path)) {
            place.reading.watch(path.parent().unwrap_or(&path));
            let read = std::fs::read_to_string(&path);
            let read = read.map_err(|error| format!("{}: {error}", path.display()));
            tls.authorities = place.check(read);
        }
    }
    Some(tls)
}

fn exchange(mut section: Section<'_>) -> Option<rabbitmq::Exchange> {
    section.require("name");
    let kind = kind(&mut section, "kind", "fanout");
    let keys = section.take("binding_keys").map(Entry::items);
    let keys: Option<Vec<_>> = keys.map(|keys| keys.into_iter().filter_map(Entry::text).collect());
    Some(rabbitmq::Exchange {
        name: section.text("name")?,
        kind,
        // sqAPI's only one.
        keys: keys.unwrap_or_else(|| vec![String::new()]),
    })
}

fn kind(section: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let place = section.below(key);
    let kind = section.text(key).unwrap_or_else(|| default.to_owned());
    if !KINDS.contains(&kind.as_str()) {
        place.problem(format_args!("`{kind}` is none of {}", KINDS.join(", ")));
    }
    kind
}

fn topology(section: &mut Section<'_>) -> rabbitmq::Topology {
    let durable = section.get("durable").unwrap_or(true);
    let topology = section.choice("topology", |text| match text {
        "own" => Some(rabbitmq::Topology::Own { durable }),
        "passive" => Some(rabbitmq::Topology::Passive),
        _ => None,
    });
    topology.unwrap_or(rabbitmq::Topology::Own { durable })
}

/// None by `dlq = false`, and where somebody else makes exchanges and nothing is
/// said of one: there need not be any.
fn dead_letters(
    section: &mut Section<'_>,
    topology: rabbitmq::Topology,
) -> Option<rabbitmq::DeadLetters> {
    let mut dead = rabbitmq::DeadLetters {
        exchange: DEAD_EXCHANGE.to_owned(),
        kind: "topic".to_owned(),
        routing_key: DEAD_KEY.to_owned(),
    };
    let Some(entry) = section.take("dlq") else {
        return (topology != rabbitmq::Topology::Passive).then_some(dead);
    };
    if !entry.value().is_table() {
        return entry.boolean()?.then_some(dead);
    }
    let mut section = entry.section()?;
    dead.exchange = section.text("exchange").unwrap_or(dead.exchange);
    dead.kind = kind(&mut section, "exchange_type", "topic");
    dead.routing_key = section.text("routing_key").unwrap_or(dead.routing_key);
    Some(dead)
}

fn nats(mut section: Section<'_>) -> Option<nats::Config> {
    let place = section.below("servers");
    let servers = section
        .take("servers")
        .map(Entry::items)
        .unwrap_or_default();
    let servers: Vec<_> = servers.into_iter().filter_map(Entry::text).collect();
    if servers.is_empty() {
        place.problem("none: expected a list such as [\"nats://127.0.0.1:4222\"]");
    }
    let username = section.text("username");
    let password = section.take("password").map(secret);
    let credentials = match (username, password) {
        (Some(username), Some(password)) => Some((username, password?)),
        (None, None) => None,
        _ => {
            section
                .below("username")
                .problem("`username` and `password` come together");
            None
        }
    };
    let reading = section.place.reading;
    let stream = section.text("stream");
    let subject = section.text("subject");
    Some(nats::Config {
        servers,
        credentials,
        authorities: section.text("ca").map(|path| reading.path(&path)),
        stream: stream.unwrap_or_else(|| "sqapi".to_owned()),
        subject: subject.unwrap_or_else(|| DEAD_KEY.to_owned()),
        dead_subject: dead_subject(&mut section),
    })
}

/// None by `dead_subject = false`.
fn dead_subject(section: &mut Section<'_>) -> Option<String> {
    match section.take("dead_subject") {
        None => Some("dead.sqapi".to_owned()),
        Some(entry) if entry.value().as_bool() == Some(false) => None,
        Some(entry) => entry.text(),
    }
}

fn time(section: &mut Section<'_>, key: &'static str, default_ms: u64) -> Duration {
    let mut time_ms = default_ms;
    section.set(key, &mut time_ms);
    Duration::from_millis(time_ms)
}
