//! Why the catalog does not do what it was asked.

use crate::dispatch::ConnectorId;
use crate::persistence;

/// A request that changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No connector of this id is configured.
    #[error("no connector `{0}`")]
    NoConnector(ConnectorId),
    /// No such component was admitted.
    #[error("no component `{0}` was admitted; `tenon plugins` lists those that were")]
    NoComponent(String),
    /// The component was not admitted.
    #[error("{message}")]
    NotAdmitted {
        /// The step it failed, such as `compile-timeout`.
        code: &'static str,
        /// Why, and what to do.
        message: String,
    },
    /// It could not be fetched, or its signature does not satisfy the policy.
    #[error("{message}")]
    NotFetched {
        /// Such as `unsigned`.
        code: &'static str,
        /// Why, and what to do.
        message: String,
    },
    /// The connector's file does not grant what it imports, or its
    /// configuration does not fit.
    #[error("{}", .0.join("; "))]
    DoesNotFit(Vec<String>),
    /// It says itself that it cannot work with this configuration.
    #[error("its check failed ({outcome}): {message}")]
    Check {
        /// The outcome's name, such as `denied`.
        outcome: &'static str,
        /// What it says.
        message: String,
    },
    /// There is no earlier version, no pending one, or no canary.
    #[error("{0}")]
    Nothing(String),
    /// Somebody else was faster.
    #[error("{0}")]
    Conflict(String),
    /// The host drains.
    #[error("the host is about to stop")]
    Stopping,
    /// The database failed.
    #[error(transparent)]
    Persistence(persistence::Error),
}

/// What a refusal is to whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What it names does not exist.
    Missing,
    /// What it asks for cannot be, as things are.
    Refused,
    /// Something changed meanwhile.
    Conflict,
    /// The host cannot do it now.
    Unavailable,
}

impl Refusal {
    /// A short name of the reason, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoConnector(_) => "no-connector",
            Self::NoComponent(_) => "no-component",
            Self::NotAdmitted { code, .. } | Self::NotFetched { code, .. } => code,
            Self::DoesNotFit(_) => "does-not-fit",
            Self::Check { .. } => "check-failed",
            Self::Nothing(_) => "nothing-to-do",
            Self::Conflict(_) => "conflict",
            Self::Stopping => "stopping",
            Self::Persistence(_) => "database",
        }
    }

    /// What it is to whoever asked.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NoConnector(_) | Self::NoComponent(_) => Kind::Missing,
            Self::NotAdmitted { .. }
            | Self::NotFetched { .. }
            | Self::DoesNotFit(_)
            | Self::Check { .. }
            | Self::Nothing(_) => Kind::Refused,
            Self::Conflict(_) => Kind::Conflict,
            Self::Stopping | Self::Persistence(_) => Kind::Unavailable,
        }
    }
}

impl From<persistence::Error> for Refusal {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Conflict(why) => Self::Conflict(why.to_owned()),
            other => Self::Persistence(other),
        }
    }
}
