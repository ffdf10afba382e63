//! What the configuration says of a connector, as far as its plugin's life is
//! concerned.

use std::sync::Arc;

use bytes::Bytes;

use crate::capability::Grants;
use crate::capability::config::Values;
use crate::capability::usage::Usage;
use crate::digest::Digest;
use crate::dispatch::{ConnectorId, Tenant};
use crate::limits::{Isolation, Limits};
use crate::plugin::Role;

/// A digest over everything that makes up a connector's configuration.
pub type Fingerprint = [u8; 32];

/// A configured connector.
#[derive(Debug, Clone)]
pub struct Configured {
    /// Its owner and name.
    pub id: ConnectorId,
    /// Tells whether anything below is still the same.
    pub fingerprint: Fingerprint,
    /// What its frontend calls; the plugin plays at least one.
    pub roles: &'static [Role],
    /// How long a sandbox lives.
    pub isolation: Isolation,
    /// The configuration table, for the plugin's schema.
    pub config: Arc<serde_json::Value>,
    /// The same, for the plugin.
    pub values: Values,
    /// What the plugin may reach.
    pub grants: Arc<Grants>,
    /// What its calls may use.
    pub limits: Arc<Limits>,
    /// What it shares with its tenant's other connectors.
    pub tenant: Arc<Tenant>,
    /// Where what it uses is counted.
    pub usage: Arc<Usage>,
}

/// Where a connector's plugin comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file; nothing where it cannot be read.
    File(Option<Offered>),
    /// A reference to an OCI registry.
    Registry(String),
}

/// A plugin file as it is now.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The file, for people.
    pub path: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its content.
    pub bytes: Bytes,
}

impl Source {
    /// Names what is offered. A tag is offered once: where it leads to may
    /// change without anybody here having asked for it.
    pub(super) fn key(&self) -> Option<Digest> {
        match self {
            Self::File(offered) => offered.as_ref().map(|offered| offered.digest.clone()),
            Self::Registry(reference) => Some(Digest::of(reference.as_bytes())),
        }
    }
}
