//! `connectors/<name>.toml`: a plugin, its configuration, grants and limits.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::claims::Claims;
use super::host::Host;
use super::source::{Entry, Section};
use super::{component, grants, limits};
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::dispatch::ConnectorId;
use crate::frontend::rds;
use crate::limits::{Isolation, Limits, Warm};
use crate::plugin::manifest::Role;

/// Labels of host names are no longer (RFC 1123).
const LABEL_LENGTH_MAX: usize = 63;

/// What the `rds` frontend calls; a connector plays at least one.
const ROLES: [Role; 2] = [Role::FileStore, Role::Repository];

/// A checked connector.
#[derive(Debug)]
pub struct Connector {
    /// Its owner and name.
    pub id: ConnectorId,
    /// The plugin's component file.
    pub component: PathBuf,
    /// How it is addressed, and by which contract.
    pub frontend: Frontend,
    /// How long a sandbox lives.
    pub isolation: Isolation,
    /// The plugin's configuration.
    pub values: Values,
    /// What the plugin may reach.
    pub grants: Arc<Grants>,
    /// What its calls may use.
    pub limits: Arc<Limits>,
}

/// The contract a connector is spoken to in.
#[derive(Debug, Clone)]
pub enum Frontend {
    /// Sciebo RDS, layer 1.
    Rds(Rds),
}

/// How a connector of the `rds` frontend is addressed and answers.
#[derive(Debug, Clone)]
pub struct Rds {
    /// Values of the `Host` header, in lower case.
    pub hosts: Vec<String>,
    /// A listener of its own.
    pub listen: Option<SocketAddr>,
    /// Whether error answers to file reads are left unterminated, so that a
    /// client which does not look at the status cannot take them for content.
    pub break_error_bodies: bool,
}

impl Connector {
    pub(super) fn read(
        mut file: Section<'_>,
        stem: &str,
        host: Option<&Host>,
        claims: &mut Claims,
    ) -> Option<Self> {
        let id = id(&mut file, stem, claims);
        let frontend = frontend(&mut file, id.as_ref(), claims);
        let isolation = file.take("isolation").and_then(isolation);
        let values = values(file.section("config"));
        let defaults = host.map(|host| host.limits.clone()).unwrap_or_default();
        let limits = limits::of_connector(file.section("limits"), &defaults);
        let (grants, granted) = grants::read(file.section("grants"), host);
        let plugins = host.map(|host| host.plugins.as_path());
        let component = component::read(&mut file, plugins, &ROLES, granted);
        Some(Self {
            id: id?,
            component: component?,
            frontend: frontend?,
            isolation: isolation.unwrap_or_default(),
            values: values?,
            grants: Arc::new(grants),
            limits: Arc::new(limits),
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
    claims.id(&place, &id);
    Some(id)
}

pub(super) fn is_label(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LABEL_LENGTH_MAX).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The tenant, if it is not the default one.
#[expect(clippy::option_option, reason = "outside: in order; inside: named")]
fn tenant(file: &mut Section<'_>, claims: &Claims) -> Option<Option<String>> {
    let Some(entry) = file.take("tenant") else {
        return Some(None);
    };
    let place = entry.place.clone();
    let tenant = entry.text()?;
    // A misspelt tenant would otherwise escape its limits.
    if !claims.is_tenant(&tenant) {
        place.problem(format_args!("no tenants/{tenant}.toml"));
        return None;
    }
    Some(Some(tenant))
}

fn frontend(
    file: &mut Section<'_>,
    id: Option<&ConnectorId>,
    claims: &mut Claims,
) -> Option<Frontend> {
    let hosts = hosts(file, id, claims);
    let listen = file.take("listen").and_then(|entry| {
        let place = entry.place.clone();
        let address = place.check(entry.text()?.parse::<SocketAddr>())?;
        claims.listener(&place, address);
        Some(address)
    });
    let mut break_error_bodies = true;
    if let Some(mut rds) = file.section("rds") {
        break_error_bodies = rds.get("break_error_bodies").unwrap_or(break_error_bodies);
    }
    if let Some(entry) = file.take("frontend") {
        let place = entry.place.clone();
        let frontend: String = entry.parse()?;
        if frontend != "rds" {
            place.problem(format_args!("no frontend `{frontend}`; there is `rds`"));
            return None;
        }
    }
    Some(Frontend::Rds(Rds {
        hosts: hosts?,
        listen,
        break_error_bodies,
    }))
}

fn hosts(
    file: &mut Section<'_>,
    id: Option<&ConnectorId>,
    claims: &mut Claims,
) -> Option<Vec<String>> {
    let Some(entry) = file.take("hosts") else {
        let host = rds::default_host(id?);
        if let Some(host) = &host {
            claims.host(&file.place, host);
        }
        return Some(host.into_iter().collect());
    };
    let mut hosts = Vec::new();
    for item in entry.items() {
        let place = item.place.clone();
        let host = item.text()?.to_lowercase();
        let is_host = host.split('.').all(is_label);
        if !is_host {
            place.problem(format_args!("`{host}` is no host name; leave the port out"));
        } else if claims.host(&place, &host) {
            hosts.push(host);
        }
    }
    Some(hosts)
}

fn isolation(entry: Entry<'_>) -> Option<Isolation> {
    let place = entry.place.clone();
    let (mode, section) = if entry.value().is_table() {
        let mut section = entry.section()?;
        section.require("mode");
        (section.text("mode")?, Some(section))
    } else {
        (entry.parse()?, None)
    };
    match (mode.as_str(), section) {
        ("call", _) => Some(Isolation::Call),
        ("warm", section) => Some(Isolation::Warm(warm(section))),
        _ => {
            place.problem(format_args!("`{mode}` is neither `call` nor `warm`"));
            None
        }
    }
}

fn warm(section: Option<Section<'_>>) -> Warm {
    let mut warm = Warm::default();
    if let Some(mut section) = section {
        section.set("calls_max", &mut warm.calls_max);
        section.set("idle_ms", &mut warm.idle_ms);
        section.set("memory_bytes_max", &mut warm.memory_bytes_max);
    }
    warm
}

/// Strings as they are written, anything else as JSON.
fn values(section: Option<Section<'_>>) -> Option<Values> {
    let Some(mut section) = section else {
        return Some(Values::default());
    };
    let mut values = BTreeMap::new();
    let mut complete = true;
    for (key, entry) in section.take_all() {
        match entry.json() {
            Some(serde_json::Value::String(text)) => _ = values.insert(key, text),
            Some(json) => _ = values.insert(key, json.to_string()),
            None => complete = false,
        }
    }
    complete.then(|| Arc::new(values))
}
