//! What the catalog tells of connectors and components. Times are
//! milliseconds since 1970.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Difference;
use crate::capability::usage;
use crate::persistence::{Component, Event, Past};

/// A connector.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConnectorStatus {
    /// `tenant/name`, or `name` for the default tenant.
    pub id: String,
    /// Whether the system behind it can be reached.
    pub ready: bool,
    /// Why not, if not.
    pub reason: Option<String>,
    /// What it runs; none when nothing was activated yet.
    pub active: Option<ActivationStatus>,
    /// What waits for approval.
    pub pending: Option<PendingStatus>,
    /// What is tried out.
    pub canary: Option<CanaryStatus>,
    /// What it is granted, and what it really used since the host started.
    pub usage: usage::Report,
}

/// What a connector runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActivationStatus {
    /// The component.
    pub digest: String,
    /// The plugin's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// The change that activated it.
    pub revision: i64,
    /// Who activated it.
    pub by: String,
    /// When.
    pub at: i64,
}

/// An upgrade that waits for approval.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PendingStatus {
    /// The component.
    pub digest: String,
    /// What it wants more.
    pub difference: Difference,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: i64,
}

/// A version that serves some of the calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CanaryStatus {
    /// The component.
    pub digest: String,
    /// How it is judged.
    pub rules: Value,
    /// What this host has seen of it so far.
    pub seen: Value,
    /// Who started it.
    pub by: String,
    /// When.
    pub at: i64,
}

/// An admitted component.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComponentStatus {
    /// The digest of its bytes.
    pub digest: String,
    /// The plugin's name, as it describes itself.
    pub name: String,
    /// The plugin's version, as it describes itself.
    pub version: String,
    /// Length in bytes.
    pub size: u64,
    /// Where it came from.
    pub source: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: i64,
    /// What was found in the file: roles, imports, wants, toolchain.
    pub facts: Value,
}

/// One entry of a connector's history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PastStatus {
    /// The component.
    pub digest: String,
    /// `activated`, `approved`, `promoted` or `rolled-back`.
    pub how: String,
    /// The change that made it so.
    pub revision: i64,
    /// Who made it so.
    pub by: String,
    /// When.
    pub at: i64,
}

/// What somebody did, or what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventStatus {
    /// Its place in the order of all events.
    pub id: i64,
    /// When.
    pub at: i64,
    /// An operator's name, or the part of the host that acted.
    pub actor: String,
    /// Such as `activated` or `admission-refused`.
    pub action: String,
    /// The connector it is about.
    pub connector: Option<String>,
    /// The component it is about.
    pub digest: Option<String>,
    /// More, by action.
    pub detail: Value,
}

impl From<Component> for ComponentStatus {
    fn from(component: Component) -> Self {
        Self {
            digest: component.digest.to_string(),
            name: component.name,
            version: component.version,
            size: component.size,
            source: component.source,
            by: component.admitted_by,
            at: component.admitted_at,
            facts: component.facts,
        }
    }
}

impl From<Past> for PastStatus {
    fn from(past: Past) -> Self {
        Self {
            digest: past.digest.to_string(),
            how: past.how.to_string(),
            revision: past.revision,
            by: past.by,
            at: past.at,
        }
    }
}

impl From<Event> for EventStatus {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            actor: event.actor,
            action: event.action,
            connector: event.connector,
            digest: event.digest.map(|digest| digest.to_string()),
            detail: event.detail,
        }
    }
}
