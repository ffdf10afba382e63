//! Why nothing was pulled or pushed.

use crate::digest::Digest;

/// Nothing was pulled, or not everything was pushed. Messages say what to do
/// and hold no credential.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A text that is no reference, or not one of the wanted kind.
    #[error("{0}")]
    BadReference(String),
    /// The registry knows no such repository, tag or blob.
    #[error("{0}")]
    NotFound(String),
    /// The credentials are missing, wrong or do not suffice.
    #[error("{0}")]
    Denied(String),
    /// No connection, no answer in time, or the registry cannot serve now.
    #[error("{0}")]
    Unreachable(String),
    /// The registry does not speak OCI's distribution protocol, or asks for
    /// something unsafe.
    #[error("{0}")]
    BadAnswer(String),
    /// What was pulled, or is to be pushed, is no component in the layout for
    /// them.
    #[error("{0}")]
    NotAPlugin(String),
    /// It has more bytes than are allowed.
    #[error("{what} has more than {max} bytes")]
    TooLarge {
        /// The component, the manifest …
        what: String,
        /// The limit, in bytes.
        max: u64,
    },
    /// Fewer bytes than the manifest or the answer promises.
    #[error("{0}")]
    Truncated(String),
    /// The bytes are others than the digest stands for.
    #[error("{what} has the digest {found}, not {expected}: something has changed it")]
    WrongDigest {
        /// The component, the manifest …
        what: String,
        /// By the reference, the registry's header or the manifest.
        expected: Digest,
        /// Of the bytes.
        found: Digest,
    },
    /// Nobody has signed it, and the policy wants a signature.
    #[error("{0}")]
    Unsigned(String),
    /// There are signatures, and none is of a key of the policy.
    #[error("{0}")]
    WrongSignature(String),
    /// A key of the policy has signed, but another artifact, repository or
    /// tag.
    #[error("{0}")]
    ReTagged(String),
    /// A signature is wanted, and no key is configured that could have made it.
    #[error("{0}")]
    NoKey(String),
}

impl Error {
    /// The reason's name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadReference(_) => "bad-reference",
            Self::NotFound(_) => "not-found",
            Self::Denied(_) => "denied",
            Self::Unreachable(_) => "unreachable",
            Self::BadAnswer(_) => "bad-answer",
            Self::NotAPlugin(_) => "not-a-plugin-artifact",
            Self::TooLarge { .. } => "too-large",
            Self::Truncated(_) => "truncated",
            Self::WrongDigest { .. } => "wrong-digest",
            Self::Unsigned(_) => "unsigned",
            Self::WrongSignature(_) => "wrong-signature",
            Self::ReTagged(_) => "re-tagged",
            Self::NoKey(_) => "no-key",
        }
    }
}
