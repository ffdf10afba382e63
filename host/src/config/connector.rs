//! `connectors/<name>.toml`: a plugin, its configuration, grants and limits.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::Claims;
use super::component::{Offer, Source};
use super::fingerprint::{Fingerprint, Reads};
use super::host::Host;
use super::links::Links;
use super::rds::Rds;
use super::source::{Entry, Section};
use super::{component, grants, limits};
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::dispatch::ConnectorId;
use crate::limits::{Batch, Isolation, Limits, LongLived, Warm};
use crate::plugin::manifest::Role;

/// What the `rds` frontend calls; a connector plays at least one.
const RDS_ROLES: &[Role] = &[Role::FileStore, Role::Repository];

/// What pipelines of sqAPI call; a connector plays at least one.
const SQAPI_ROLES: &[Role] = &[
    Role::FileStore,
    Role::MetadataStore,
    Role::Database,
    Role::MessageLog,
    Role::Processor,
    Role::Rest,
];

/// A checked connector.
#[derive(Debug)]
pub struct Connector {
    /// Its owner and name.
    pub id: ConnectorId,
    /// Path of its file below the configuration directory.
    pub file: String,
    /// Where its plugin comes from.
    pub source: Source,
    /// The plugin file, if that is where it comes from and it can be read.
    pub offer: Option<Arc<Offer>>,
    /// How it is addressed, and by which contract.
    pub frontend: Frontend,
    /// How long a sandbox lives.
    pub isolation: Isolation,
    /// The plugin's configuration: an object, to be checked against the
    /// plugin's schema.
    pub config: serde_json::Value,
    /// The same as the plugin sees it.
    pub values: Values,
    /// What the plugin may reach.
    pub grants: Arc<Grants>,
    /// What its calls may use.
    pub limits: Arc<Limits>,
    /// Changes with anything that was read for it.
    pub fingerprint: Fingerprint,
}

/// The contract a connector is spoken to in.
#[derive(Debug, Clone)]
pub enum Frontend {
    /// Sciebo RDS, layer 1.
    Rds(Box<Rds>),
    /// sqAPI: it is addressed by the pipelines that name it.
    Sqapi,
}

impl Frontend {
    fn rds(rds: Rds) -> Self {
        Self::Rds(Box::new(rds))
    }

    /// The roles it calls; a connector plays at least one.
    pub const fn roles(&self) -> &'static [Role] {
        match self {
            Self::Rds(_) => RDS_ROLES,
            Self::Sqapi => SQAPI_ROLES,
        }
    }

    fn with(self, grants: &Grants) -> Self {
        match self {
            Self::Rds(rds) => Self::Rds(Box::new(rds.with(grants))),
            Self::Sqapi => Self::Sqapi,
        }
    }
}

impl Connector {
    /// `None` as well for one that is not enabled, whatever else its file
    /// says.
    pub(super) fn read(
        mut file: Section<'_>,
        stem: &str,
        host: Option<&Host>,
        claims: &mut Claims,
        links: &mut Links,
        reads: &Reads,
    ) -> Option<Self> {
        if !is_enabled(&mut file) {
            file.take_all();
            claims.disabled(stem);
            return None;
        }
        let id = id(&mut file, stem, claims);
        let frontend = frontend(&mut file, id.as_ref(), host, claims);
        let roles = frontend.as_ref().map_or(RDS_ROLES, Frontend::roles);
        let isolation = file.take("isolation").and_then(isolation);
        let config = config(file.take("config").and_then(Entry::section));
        let defaults = host.map(|host| host.limits.clone()).unwrap_or_default();
        let limits = limits::of_connector(file.section("limits"), &defaults);
        let section = file.section("grants");
        let (grants, granted) = grants::read(section, id.as_ref(), host, links);
        let plugins = host.map(|host| host.plugins.as_path());
        let component = component::read(&mut file, plugins, roles, granted);
        let component = component?;
        let frontend = frontend?.with(&grants);
        let id = id?;
        reads.tenant(claims.tenant(id.tenant()));
        let config = config?;
        Some(Self {
            fingerprint: reads.fingerprint(),
            id,
            file: file.place.file().to_owned(),
            source: component.source,
            offer: component.offer,
            frontend,
            isolation: isolation.unwrap_or_default(),
            values: values(&config),
            config: config.into(),
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
    let hides = id.is_of_default_tenant() && id.name() != id.tenant();
    if hides && claims.is_tenant(id.name()) {
        // Below /connectors/ its name would hide those of the tenant.
        place.problem(format_args!("`{id}` is the name of a tenant"));
    }
    claims.id(&place, &id);
    Some(id)
}

/// The tenant, if it is not the default one.
#[expect(clippy::option_option, reason = "outside: in order; inside: named")]
pub(super) fn tenant(file: &mut Section<'_>, claims: &Claims) -> Option<Option<String>> {
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

/// Whether `enabled` says so; left out, it is.
pub(super) fn is_enabled(file: &mut Section<'_>) -> bool {
    let Some(entry) = file.take("enabled") else {
        return true;
    };
    if !entry.is_condition() {
        return entry.boolean().unwrap_or(true);
    }
    // With a mistake in it, the rest is worth looking at.
    entry.condition().unwrap_or(true)
}

fn frontend(
    file: &mut Section<'_>,
    id: Option<&ConnectorId>,
    host: Option<&Host>,
    claims: &mut Claims,
) -> Option<Frontend> {
    let named = file.take("frontend").map(|entry| {
        let place = entry.place.clone();
        (place, entry.parse::<String>())
    });
    match named {
        Some((_, Some(name))) if name == "sqapi" => Some(Frontend::Sqapi),
        None => Rds::read(file, id, host, claims).map(Frontend::rds),
        Some((place, name)) => {
            // What it says of itself is checked all the same.
            let rds = Rds::read(file, id, host, claims);
            let name = name?;
            if name == "rds" {
                return rds.map(Frontend::rds);
            }
            place.problem(format_args!(
                "no frontend `{name}`; there are `rds` and `sqapi`"
            ));
            None
        }
    }
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
        ("batch", section) => Some(Isolation::Batch(batch(section))),
        ("long-lived", section) => Some(Isolation::LongLived(long_lived(section))),
        _ => {
            place.problem(format_args!(
                "`{mode}` is none of `call`, `warm`, `batch` and `long-lived`"
            ));
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

fn batch(section: Option<Section<'_>>) -> Batch {
    let mut batch = Batch::default();
    if let Some(mut section) = section {
        section.set("messages_max", &mut batch.messages_max);
        section.set("idle_ms", &mut batch.idle_ms);
        section.set("memory_bytes_max", &mut batch.memory_bytes_max);
    }
    batch
}

fn long_lived(section: Option<Section<'_>>) -> LongLived {
    let mut long_lived = LongLived::default();
    if let Some(mut section) = section {
        section.set("wait_ms", &mut long_lived.wait_ms);
        section.set("return_ms", &mut long_lived.return_ms);
        section.set("state_bytes_max", &mut long_lived.state_bytes_max);
        section.set("handoff_ms", &mut long_lived.handoff_ms);
    }
    long_lived
}

/// The whole table, with every reference replaced.
fn config(section: Option<Section<'_>>) -> Option<Map<String, Value>> {
    let mut config = Map::new();
    let mut complete = true;
    for (key, entry) in section.map(|mut it| it.take_all()).unwrap_or_default() {
        match entry.json() {
            Some(json) => _ = config.insert(key, json),
            None => complete = false,
        }
    }
    complete.then_some(config)
}

/// Strings as they are written, anything else as JSON.
fn values(config: &Map<String, Value>) -> Values {
    let text = |json: &Value| match json {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let values = config.iter().map(|(key, json)| (key.clone(), text(json)));
    Arc::new(values.collect())
}
