//! The one error of every operation, so that `?` carries any failure to the caller with a meaning
//! that each frontend can honour.

use std::{fmt, io, time::Duration};

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller's input is wrong; the same call never succeeds.
    Invalid,
    /// The credential is missing, wrong or expired.
    Unauthenticated,
    /// The system, or a grant, does not allow it.
    Denied,
    /// There is no such thing; it may appear later.
    NotFound,
    /// It exists already, or changed meanwhile.
    Conflict,
    /// The plugin does not offer this operation.
    Unsupported,
    /// The system asks to slow down.
    RateLimited,
    /// The system is down or not reachable.
    Unavailable,
    /// A fault of the plugin.
    Internal,
}

/// A failure, as the caller gets to read it. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    subject: Option<String>,
    after: Option<Duration>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)+) => {
        $($(#[$doc])*
        pub fn $name(message: impl Into<String>) -> Self {
            Self::new(Kind::$kind, message)
        })+
    };
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            subject: None,
            after: None,
        }
    }

    constructors! {
        /// The caller's input is wrong; the same call never succeeds.
        invalid => Invalid;
        /// The credential is missing, wrong or expired.
        unauthenticated => Unauthenticated;
        /// The system, or a grant, does not allow it.
        denied => Denied;
        /// There is no such thing; it may appear later.
        not_found => NotFound;
        /// It exists already, or changed meanwhile.
        conflict => Conflict;
        /// The plugin does not offer this operation.
        unsupported => Unsupported;
        /// The system asks to slow down.
        rate_limited => RateLimited;
        /// The system is down or not reachable.
        unavailable => Unavailable;
        /// A fault of the plugin.
        internal => Internal;
    }

    /// Names what it went wrong with: a path, a field, an id.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds what else the caller must know, such as what was left behind.
    #[must_use]
    pub fn noting(mut self, note: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(note);
        self
    }

    /// Says when another try makes sense. Only [`Kind::RateLimited`] and [`Kind::Unavailable`]
    /// carry it to the caller.
    #[must_use]
    pub fn after(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.after = delay.into();
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What it went wrong with.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The time after which another try makes sense, when known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.after
    }

    /// The call should end: its caller is gone, the host drains or the plugin is being replaced.
    pub(crate) fn cancelled() -> Self {
        Self::unavailable("the call was cancelled")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(f, "{}: {subject}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

/// An [`Error`] that travelled through an [`io`] trait comes back as it was.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => Kind::NotFound,
            io::ErrorKind::PermissionDenied => Kind::Denied,
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => Kind::Conflict,
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory => Kind::Invalid,
            io::ErrorKind::Unsupported => Kind::Unsupported,
            io::ErrorKind::OutOfMemory => Kind::Internal,
            _ => Kind::Unavailable,
        };
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::new(kind, error.to_string()),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_trip_through_io() {
        let error = Error::rate_limited("slow down")
            .about("a.txt")
            .after(Duration::from_secs(3));
        assert_eq!(Error::from(io::Error::from(error.clone())), error);
    }

    #[test]
    fn io_failures_get_their_meaning() {
        for (io, kind) in [
            (io::ErrorKind::NotFound, Kind::NotFound),
            (io::ErrorKind::PermissionDenied, Kind::Denied),
            (io::ErrorKind::AlreadyExists, Kind::Conflict),
            (io::ErrorKind::IsADirectory, Kind::Invalid),
            (io::ErrorKind::ConnectionReset, Kind::Unavailable),
        ] {
            assert_eq!(Error::from(io::Error::from(io)).kind(), kind, "{io:?}");
        }
    }

    #[test]
    fn display_names_the_subject() {
        assert_eq!(
            Error::not_found("no such file").about("a/b").to_string(),
            "no such file: a/b"
        );
    }
}
