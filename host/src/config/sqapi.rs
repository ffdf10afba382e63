//! `sqapi/<name>.toml`: a pipeline, its broker, its stores and processors.

mod broker;
mod message;
mod processors;
mod stores;
mod yml;

pub(super) use yml::{Derived, Part, read as derive};

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;

use self::stores::Stores;
use super::claims::Claims;
use super::connector::{Connector, is_enabled, tenant};
use super::fingerprint::{Fingerprint, Reads};
use super::secret::secret;
use super::source::{Entry, Section};
use crate::dispatch::ConnectorId;
use crate::frontend::sqapi::Settings;
use crate::frontend::sqapi::broker::Config as Broker;
use crate::frontend::sqapi::settings::{Intake, Limits, Mode, Retry};

/// Further tries of one message. Each delay is a queue of its own at some
/// brokers.
const TRIES_MAX: usize = 32;
/// The longest delay before one: a day. What takes longer needs a person.
const DELAY_MS_MAX: u64 = 86_400_000;

/// A checked pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// What it does.
    pub settings: Settings,
    /// Where its messages come from.
    pub broker: Broker,
    /// Path of its file below the configuration directory.
    pub file: String,
    /// Changes with anything that was read for it.
    pub fingerprint: Fingerprint,
}

impl Pipeline {
    /// `None` as well for one that is not enabled, whatever else its file
    /// says.
    pub(super) fn read(
        mut file: Section<'_>,
        stem: &str,
        claims: &mut Claims,
        connectors: &[Connector],
        reads: &Reads,
    ) -> Option<Self> {
        if !is_enabled(&mut file) {
            file.take_all();
            return None;
        }
        // Read before, with the connectors that come of it.
        for key in ["sqapi_yml", "plugins_directory", "connectors"] {
            file.take(key);
        }
        let id = id(&mut file, stem, claims);
        let mode = mode(&mut file);
        let listen = listen(&mut file, claims);
        let mut limits = limits(file.section("limits"));
        let broker = broker::read(file.section("broker"), &mut limits);
        let stores = Stores::new(id.as_ref(), claims, connectors);
        let data_store = stores.required(&mut file, "data_store", "file-store");
        let meta_store = stores.optional(&mut file, "meta_store", "metadata-store");
        let database = stores.required(&mut file, "database", "message-log");
        let processors = processors::read(&mut file, &stores, database.as_ref(), mode);
        let message = message::read(file.section("message"), meta_store.is_some());
        let settings = Settings {
            listen,
            mode,
            mime: message.mime,
            parsing: message.parsing,
            data_root: data_root(&mut file),
            limits,
            retry: retry(file.section("retry")),
            process_delay: process_delay(&mut file),
            intake: intake(file.section("intake")),
            must_start: file.get("must_start").unwrap_or_default(),
            id: id?,
            data_store: data_store?,
            meta_store,
            database: database?,
            processors: processors?,
        };
        Some(Self {
            settings,
            broker: broker?,
            file: file.place.file().to_owned(),
            fingerprint: reads.fingerprint(),
        })
    }
}

fn id(file: &mut Section<'_>, stem: &str, claims: &mut Claims) -> Option<ConnectorId> {
    let tenant = tenant(file, claims);
    let (place, name) = match file.take("name") {
        Some(entry) => (entry.place.clone(), entry.text()?),
        None => (file.place.clone(), stem.to_owned()),
    };
    place.check(ConnectorId::new(None, &name))?;
    let id = place.check(ConnectorId::new(tenant?.as_deref(), &name))?;
    claims.pipeline(&place, &id);
    Some(id)
}

fn mode(file: &mut Section<'_>) -> Mode {
    let mode = file.choice("mode", |text| match text {
        "both" => Some(Mode::Both),
        "loader" => Some(Mode::Loader),
        "api" => Some(Mode::Api),
        _ => None,
    });
    mode.unwrap_or_default()
}

fn listen(file: &mut Section<'_>, claims: &mut Claims) -> Option<SocketAddr> {
    let place = file.below("listen");
    let address = file.form("listen")?;
    claims.listener(&place, address);
    Some(address)
}

/// The folder with which data locations may begin.
fn data_root(file: &mut Section<'_>) -> Option<String> {
    let reading = file.place.reading;
    let root = file.text("data_root").filter(|root| !root.is_empty())?;
    Some(reading.path(&root).display().to_string())
}

fn limits(section: Option<Section<'_>>) -> Limits {
    let mut limits = Limits::default();
    let Some(mut section) = section else {
        return limits;
    };
    section.set("messages", &mut limits.messages);
    section.set("message_bytes", &mut limits.message_bytes);
    let data_bytes = section.below("data_bytes");
    section.set("data_bytes", &mut limits.data_bytes);
    section.set("spool_bytes", &mut limits.spool_bytes);
    section.set("metadata_bytes", &mut limits.metadata_bytes);
    if let Some(timeout_ms) = section.count("start_timeout_ms") {
        limits.start_timeout = Duration::from_millis(timeout_ms);
    }
    if limits.data_bytes > limits.spool_bytes {
        data_bytes.problem("more than `spool_bytes`: the largest objects would wait for ever");
    }
    limits
}

fn retry(section: Option<Section<'_>>) -> Retry {
    let mut retry = Retry::default();
    let Some(entry) = section.and_then(|mut section| section.take("delays_ms")) else {
        return retry;
    };
    let place = entry.place.clone();
    let delays: Vec<_> = entry.items().into_iter().filter_map(delay).collect();
    if delays.len() > TRIES_MAX {
        place.problem(format_args!("more than {TRIES_MAX} tries"));
    }
    retry.delays = delays;
    retry
}

fn delay(entry: Entry<'_>) -> Option<Duration> {
    let place = entry.place.clone();
    match entry.parse::<u64>()? {
        0 => place.problem("must be at least 1"),
        more if more > DELAY_MS_MAX => {
            place.problem(format_args!("more than a day, {DELAY_MS_MAX}"));
        }
        delay_ms => return Some(Duration::from_millis(delay_ms)),
    }
    None
}

fn process_delay(file: &mut Section<'_>) -> Duration {
    let delay_ms = file.get::<u64>("process_delay_ms").unwrap_or_default();
    Duration::from_millis(delay_ms)
}

fn intake(section: Option<Section<'_>>) -> Intake {
    let mut intake = Intake::default();
    let Some(mut section) = section else {
        return intake;
    };
    intake.enabled = section
        .take("enabled")
        .and_then(Entry::boolean)
        .unwrap_or(true);
    if let Some(entry) = section.take("token") {
        // Left open for a mistake in it, it would take in anything.
        intake.token = Some(secret(entry).unwrap_or_else(|| SecretString::from(String::new())));
    }
    intake
}
