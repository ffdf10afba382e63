//! The Sciebo RDS installation around the host: the services that it tells of
//! its connectors and asks for credentials.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

/// Long enough for a storage that wakes up, short enough to try again.
const REGISTRATION_TIMEOUT: Duration = Duration::from_secs(10);
/// The caller waits meanwhile, and has another way to go on.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the other services are, and how long they may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Where connectors are registered; without it, none is.
    pub token_storage: Option<Base>,
    /// Where credentials are looked up; without it, none is.
    pub port_service: Option<Base>,
    /// Time for one attempt to register a connector.
    pub registration_timeout: Duration,
    /// What a failed attempt leads to.
    pub on_failure: OnFailure,
    /// Time for looking up a credential.
    pub lookup_timeout: Duration,
}

impl Default for Installation {
    fn default() -> Self {
        Self {
            token_storage: None,
            port_service: None,
            registration_timeout: REGISTRATION_TIMEOUT,
            on_failure: OnFailure::default(),
            lookup_timeout: LOOKUP_TIMEOUT,
        }
    }
}

/// What becomes of a host that cannot register a connector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It serves, and tries again.
    #[default]
    Retry,
    /// It ends, and leaves trying again to whoever started it.
    Exit,
}

/// The address below which a service answers. It never prints what precedes
/// an `@`.
#[derive(Clone, PartialEq, Eq)]
pub struct Base(Url);

/// Why a text is no such address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// It is no URL at all.
    #[error("no URL: {0}")]
    Url(#[from] url::ParseError),
    /// Paths cannot be put below it.
    #[error("expected `http://` or `https://`, a host, and no query or fragment")]
    Form,
}

impl FromStr for Base {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, BaseError> {
        let url = Url::parse(text)?;
        let is_base = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none();
        is_base.then_some(Self(url)).ok_or(BaseError::Form)
    }
}

impl Base {
    /// The address of a path. Each segment is percent-encoded; one that means
    /// a folder instead of a name leads nowhere.
    pub(super) fn at(&self, segments: &[&str]) -> Option<Url> {
        let mut url = self.0.clone();
        let mut path = url.path().trim_end_matches('/').to_owned();
        for segment in segments {
            if matches!(*segment, "" | "." | "..") {
                return None;
            }
            path.push('/');
            path.extend(super::encoding::percent(segment));
        }
        url.set_path(&path);
        Some(url)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.0.origin().ascii_serialization();
        let path = self.0.path().trim_end_matches('/');
        write!(f, "{origin}{path}")
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, BaseError};

    fn base(text: &str) -> Base {
        text.parse().unwrap()
    }

    #[test]
    fn paths_go_below_a_base() {
        for (text, expected) in [
            ("http://storage", "http://storage/service"),
            ("http://storage/", "http://storage/service"),
            ("https://s:81/a/b/", "https://s:81/a/b/service"),
        ] {
            assert_eq!(base(text).at(&["service"]).unwrap().as_str(), expected);
        }
        let found = base("http://p/port-service").at(&["user", "a/b?c@d e%2F", "x"]);
        let expected = "http://p/port-service/user/a%2Fb%3Fc%40d%20e%252F/x";
        assert_eq!(found.unwrap().as_str(), expected);
        for folder in ["", ".", ".."] {
            assert_eq!(base("http://p").at(&["user", folder]), None);
        }
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for text in ["ftp://a", "http://a?b", "http://a#b", "mailto:a@b"] {
            assert_eq!(text.parse::<Base>(), Err(BaseError::Form), "{text}");
        }
        assert!(matches!("storage".parse::<Base>(), Err(BaseError::Url(_))));
    }

    #[test]
    fn a_password_is_not_shown() {
        let base = base("http://me:tok3n@storage:81/x/");
        assert_eq!(
            format!("{base} {base:?}"),
            "http://storage:81/x http://storage:81/x"
        );
    }
}
