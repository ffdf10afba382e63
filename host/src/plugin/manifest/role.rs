//! The interfaces of the contract that a component may export.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::import::{OWN_PACKAGE, OWN_VERSION, WASI_VERSION};

const INCOMING_HANDLER: &str = "wasi:http/incoming-handler@";

/// An interface of `tenon:connector` that a component may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Describes and checks itself; every plugin does.
    Lifecycle,
    /// Hands its state over to a successor.
    Handoff,
    /// Files in folders.
    FileStore,
    /// Deposits of research data.
    Repository,
    /// Metadata under references.
    MetadataStore,
    /// SQL as sqAPI's plugins write it.
    Database,
    /// What became of each message.
    MessageLog,
    /// One of several that look at the same object.
    Processor,
    /// HTTP resources of its own.
    Rest,
}

impl Role {
    /// Every role, in the order of this list.
    pub const ALL: [Self; 9] = [
        Self::Lifecycle,
        Self::Handoff,
        Self::FileStore,
        Self::Repository,
        Self::MetadataStore,
        Self::Database,
        Self::MessageLog,
        Self::Processor,
        Self::Rest,
    ];

    /// The interface's name in `tenon:connector`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Handoff => "handoff",
            Self::FileStore => "file-store",
            Self::Repository => "repository",
            Self::MetadataStore => "metadata-store",
            Self::Database => "database",
            Self::MessageLog => "message-log",
            Self::Processor => "processor",
            Self::Rest => "resources",
        }
    }

    /// Whether frontends call it; the others serve the host itself.
    pub const fn is_called(self) -> bool {
        !matches!(self, Self::Lifecycle | Self::Handoff)
    }
}

/// What the full name of an exported interface says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Export {
    /// A role of the contract spoken here.
    Role(Role),
    /// An interface of that contract which this host does not know.
    UnknownRole,
    /// An interface of another version of the contract.
    OtherContract,
    /// Somebody else's interface.
    Foreign,
}

impl Export {
    pub(super) fn read(name: &str) -> Self {
        let Some(own) = name.strip_prefix(OWN_PACKAGE) else {
            // Routes or none, requests are what it is for.
            return match name.strip_prefix(INCOMING_HANDLER) {
                Some(version) if version.starts_with(WASI_VERSION) => Self::Role(Role::Rest),
                _ => Self::Foreign,
            };
        };
        let (interface, version) = own.split_once('@').unwrap_or((own, ""));
        if !version.starts_with(OWN_VERSION) {
            return Self::OtherContract;
        }
        let known = Role::ALL.into_iter().find(|role| role.name() == interface);
        known.map_or(Self::UnknownRole, Self::Role)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
