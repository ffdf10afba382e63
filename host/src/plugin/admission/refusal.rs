//! Why a component is not admitted, and what to do about it.

use std::io;

use super::compiler::CompileError;
use crate::digest::Digest;
use crate::plugin::manifest::ManifestError;

/// The first step of admission that failed. Its text says what to do; no step
/// after it was taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The file is larger than `admission.component_bytes`.
    #[error(
        "the component has {size} bytes, more than the {limit} of `admission.component_bytes`; \
         strip it of debug information, or raise the limit"
    )]
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The file is no plugin.
    #[error("the file is no plugin: {0}")]
    Manifest(#[from] ManifestError),
    /// It imports what this host does not offer.
    #[error(
        "the component imports `{}`, which this host does not offer; \
         build it without, or for the version of the contract spoken here", .0.join("`, `")
    )]
    UnknownImport(Vec<String>),
    /// It was not compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// An interface it imports or exports has another form here.
    #[error(
        "the component's interfaces are not those of this host: {0}; \
         build it against the WIT files that this host's version comes with"
    )]
    Mismatch(String),
    /// It trapped or exited instead of describing itself.
    #[error(
        "`lifecycle.describe` failed: {0}; it is run without configuration, grants and network, \
         and must not need them"
    )]
    DescribeTrapped(String),
    /// It did not describe itself in time.
    #[error("`lifecycle.describe` did not return within {seconds} s; it should return constants")]
    DescribeTimeout {
        /// Time allowed.
        seconds: u64,
    },
    /// It used more than describing itself may take.
    #[error("`lifecycle.describe` broke a limit: {0}; it should return constants")]
    DescribeLimit(String),
    /// What it says about itself breaks a rule.
    #[error("`lifecycle.describe` returns a wrong {field}: {rule}")]
    BadDescription {
        /// A field of the record `description`.
        field: &'static str,
        /// What is expected.
        rule: String,
    },
    /// Its configuration schema is none.
    #[error("`lifecycle.describe` returns a wrong config-schema: {0}")]
    BadSchema(String),
    /// It wants what no grant gives.
    #[error(
        "`lifecycle.describe` wants `{}`, which no grant of this host gives; known are `{}`",
        .unknown.join("`, `"), .known.join("`, `")
    )]
    UnknownWants {
        /// The words not known.
        unknown: Vec<String>,
        /// The words that are.
        known: &'static [&'static str],
    },
    /// The stored bytes are not those that were admitted.
    #[error("the stored bytes have the digest {found}, not {expected}; upload the component again")]
    WrongDigest {
        /// What was asked for.
        expected: Digest,
        /// What is there.
        found: Digest,
    },
    /// The bytes of an admitted component cannot be had.
    #[error("the component's bytes cannot be had: {0}; upload it again, or mend its store")]
    Bytes(String),
    /// No sandbox was free.
    #[error("no sandbox is free to run `lifecycle.describe` in; try again")]
    Busy,
    /// The host's own files or threads failed.
    #[error("the host failed to admit the component: {0}")]
    Host(String),
}

impl Refusal {
    /// A short name of the step that failed, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Manifest(error) => match error {
                ManifestError::Invalid(_) => "not-a-component",
                ManifestError::Module => "core-module",
                ManifestError::TooNested => "too-nested",
                ManifestError::OtherContract(_) => "unknown-contract",
                ManifestError::NoLifecycle => "no-lifecycle",
                ManifestError::NoRole(_) => "no-role",
            },
            Self::UnknownImport(_) => "unknown-import",
            Self::Compile(error) => error.code(),
            Self::Mismatch(_) => "interface-mismatch",
            Self::DescribeTrapped(_) => "describe-trapped",
            Self::DescribeTimeout { .. } => "describe-timeout",
            Self::DescribeLimit(_) => "describe-limit",
            Self::BadDescription { .. } => "bad-description",
            Self::BadSchema(_) => "bad-schema",
            Self::UnknownWants { .. } => "unknown-wants",
            Self::WrongDigest { .. } => "wrong-digest",
            Self::Bytes(_) => "no-bytes",
            Self::Busy => "busy",
            Self::Host(_) => "host-failed",
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Host(error.to_string())
    }
}
