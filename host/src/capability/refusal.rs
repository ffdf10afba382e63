//! How a host call says no: as the typed outcome, or by ending the call.

use std::fmt;

use crate::bindings::types::{self, Delay, Detail, Error};

/// A limit that a call broke, under the name it has in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limit `{name}` ({allowed}) exceeded")]
pub struct Limit {
    /// The key in a connector's `[limits]` or grant.
    pub name: &'static str,
    /// What was allowed, with its unit.
    pub allowed: String,
}

impl Limit {
    /// Names a broken limit and what it allowed.
    pub fn new(name: &'static str, allowed: impl fmt::Display) -> Self {
        Self {
            name,
            allowed: allowed.to_string(),
        }
    }
}

/// The error side of every host call.
///
/// An expected failure is a value the guest can act on; a broken limit or a
/// fault of the host ends the call.
#[derive(Debug)]
pub enum Refusal {
    /// Handed to the guest.
    Outcome(Error),
    /// Ends the call.
    Trap(wasmtime::Error),
}

/// Result of a host call.
pub type Result<T> = std::result::Result<T, Refusal>;

fn detail(message: impl Into<String>, subject: Option<&str>) -> Detail {
    Detail {
        message: message.into(),
        subject: subject.map(str::to_owned),
    }
}

impl Refusal {
    /// The guest's input breaks a rule; `subject` names it.
    pub fn invalid(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Invalid(detail(message, Some(subject))))
    }

    /// No credential came with the call.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::Outcome(Error::Unauthenticated(detail(message, None)))
    }

    /// The system behind the capability does not take the grant's credential.
    pub fn rejected(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Unauthenticated(detail(message, Some(subject))))
    }

    /// No grant allows it.
    pub fn denied(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Denied(detail(message, Some(subject))))
    }

    /// There is no such thing.
    pub fn not_found(subject: &str) -> Self {
        Self::Outcome(Error::NotFound(detail("not found", Some(subject))))
    }

    /// It exists already, as something else.
    pub fn conflict(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Conflict(detail(message, Some(subject))))
    }

    /// The system behind the capability has no such operation.
    pub fn unsupported(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Unsupported(detail(message, Some(subject))))
    }

    /// The system behind the capability does not answer as it should.
    pub fn unavailable(message: impl Into<String>, subject: &str) -> Self {
        Self::Outcome(Error::Unavailable(Delay {
            detail: detail(message, Some(subject)),
            after_ms: None,
        }))
    }
}

impl From<Limit> for Refusal {
    fn from(limit: Limit) -> Self {
        Self::Trap(limit.into())
    }
}

impl From<wasmtime::Error> for Refusal {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

impl From<wasmtime::component::ResourceTableError> for Refusal {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

/// The generated bindings of an interface ask its own view to split a refusal.
macro_rules! split_refusals_for {
    ($($capability:ident),*) => {$(
        impl types::Host for super::$capability::View<'_> {
            fn convert_error(&mut self, refusal: Refusal) -> wasmtime::Result<Error> {
                convert(refusal)
            }
        }
    )*};
}

split_refusals_for!(database, files, kv, scratch, secret, sql);

fn convert(refusal: Refusal) -> wasmtime::Result<Error> {
    match refusal {
        Refusal::Outcome(error) => Ok(error),
        Refusal::Trap(error) => Err(error),
    }
}
