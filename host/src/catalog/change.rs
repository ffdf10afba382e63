//! What is asked of the catalog, and what became of it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::digest::Digest;

/// Who asked: an operator by name, or the part of the host that acts on its
/// own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// An operator.
    pub fn operator(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A changed plugin file or configuration.
    pub fn files() -> Self {
        Self("(files)".to_owned())
    }

    /// The judge of canaries.
    pub fn canary() -> Self {
        Self("(canary)".to_owned())
    }

    /// The host's own housekeeping.
    pub fn host() -> Self {
        Self("(host)".to_owned())
    }

    /// How events name it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a connector is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A component that was admitted before.
    Digest(Digest),
    /// The latest admitted component with this name and version.
    Version {
        /// The plugin's name.
        name: String,
        /// The plugin's version.
        version: String,
    },
    /// An artifact in a registry, fetched and admitted first.
    Reference(String),
}

/// A text that names no component.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no component: expected `sha256:<digest>`, `<name>@<version>` or `oci://<registry>/<repository>:<tag>`"
)]
pub struct WantedError(String);

impl FromStr for Wanted {
    type Err = WantedError;

    fn from_str(text: &str) -> Result<Self, WantedError> {
        let wrong = || WantedError(text.to_owned());
        if text.starts_with("sha256:") {
            return text.parse().map(Self::Digest).map_err(|_| wrong());
        }
        if let Some(reference) = text.strip_prefix("oci://") {
            return Ok(Self::Reference(reference.to_owned()));
        }
        match text.split_once('@') {
            Some((name, version)) if !name.is_empty() && !version.is_empty() => Ok(Self::Version {
                name: name.to_owned(),
                version: version.to_owned(),
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(digest) => digest.fmt(f),
            Self::Version { name, version } => write!(f, "{name}@{version}"),
            Self::Reference(reference) => write!(f, "oci://{reference}"),
        }
    }
}

/// How an activation is to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether it may want more than the version it replaces, because the
    /// operator has seen the difference.
    pub approve: bool,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Change {
    /// It runs.
    Activated {
        /// The version that runs now.
        #[schema(value_type = String)]
        digest: Digest,
        /// The version it replaced.
        #[schema(value_type = Option<String>)]
        previous: Option<Digest>,
        /// Why it is not ready, if the system behind it cannot be reached.
        not_ready: Option<String>,
    },
    /// It ran already.
    Unchanged {
        /// The version that runs.
        #[schema(value_type = String)]
        digest: Digest,
    },
    /// It wants more than the version it would replace, and waits for
    /// approval.
    Pending {
        /// The version that waits.
        #[schema(value_type = String)]
        digest: Digest,
        /// What is different.
        difference: Difference,
    },
    /// It serves some of the calls.
    Trying {
        /// The version that is tried out.
        #[schema(value_type = String)]
        digest: Digest,
    },
    /// What was pending or tried out is given up.
    Withdrawn {
        /// The version that is given up.
        #[schema(value_type = String)]
        digest: Digest,
    },
}

/// What an upgrade changes, beside its code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Difference {
    /// Interfaces it imports and the other does not, versions left out.
    pub imports_added: Vec<String>,
    /// The other way round.
    pub imports_removed: Vec<String>,
    /// Grants it says it wants and the other does not.
    pub wants_added: Vec<String>,
    /// The other way round.
    pub wants_removed: Vec<String>,
    /// Roles it plays and the other does not.
    pub roles_added: Vec<String>,
    /// The other way round.
    pub roles_removed: Vec<String>,
    /// Bytes of the component.
    pub size: Grown,
    /// Bytes of linear memory it begins with.
    pub memory: Grown,
    /// Libraries that were built into it, where it says so.
    pub dependencies: Vec<DependencyChange>,
}

impl Difference {
    /// Whether the upgrade reaches for more, so that an operator must see it.
    pub fn grows(&self) -> bool {
        !self.imports_added.is_empty() || !self.wants_added.is_empty()
    }
}

/// A figure before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Grown {
    /// Of the version that runs.
    pub from: u64,
    /// Of the version that is to replace it.
    pub to: u64,
}

/// A library that came, went, or changed its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct DependencyChange {
    /// The library.
    pub name: String,
    /// Its version before, if it was there.
    pub from: Option<String>,
    /// Its version after, if it is there.
    pub to: Option<String>,
}
