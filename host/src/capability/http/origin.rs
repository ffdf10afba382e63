//! Which hosts a grant names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;
use url::{Host, Url};

/// A scheme, a host or the domains beneath one, and a port:
/// `https://api.example.org`, `https://*.example.org`, `http://[::1]:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    host: Pattern,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// Lower case, an IPv6 address in brackets, as in a URL.
    Exact(String),
    /// `.example.org`: one or more labels stand before it.
    Beneath(String),
}

/// An origin that cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not an absolute URL of a scheme that is spoken here.
    #[error("not of the form `https://host` or `http://host:port`")]
    Syntax,
    /// More than an origin.
    #[error("an origin ends with host or port: no user, path or query")]
    NotAnOrigin,
    /// A wildcard that is not the first label of a domain.
    #[error("`*` may only stand for the first labels of a domain: `https://*.example.org`")]
    Wildcard,
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::Syntax)?;
        let wildcard = rest.strip_prefix("*.");
        let url = Url::parse(&format!("{scheme}://{}", wildcard.unwrap_or(rest)))
            .map_err(|_| OriginError::Syntax)?;
        let scheme = match url.scheme() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return Err(OriginError::Syntax),
        };
        let named = url.username().is_empty() && url.password().is_none();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !named || !bare || rest.ends_with('/') {
            return Err(OriginError::NotAnOrigin);
        }
        let host = match (url.host().ok_or(OriginError::Syntax)?, wildcard) {
            (Host::Domain(domain), _) if domain.contains('*') => {
                return Err(OriginError::Wildcard);
            }
            (Host::Domain(domain), Some(_)) => Pattern::Beneath(format!(".{domain}")),
            (Host::Ipv4(_) | Host::Ipv6(_), Some(_)) => return Err(OriginError::Wildcard),
            (host, None) => Pattern::Exact(host.to_string()),
        };
        let port = url.port_or_known_default().ok_or(OriginError::Syntax)?;
        Ok(Self { scheme, host, port })
    }
}

impl Origin {
    /// Whether the grant names more than one host. Such a grant should not
    /// reach private addresses unless it says so.
    pub fn is_wildcard(&self) -> bool {
        matches!(self.host, Pattern::Beneath(_))
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// How closely a URI is named: the longer, the closer, an exact name
    /// closest. `None` when it is not named at all.
    pub(super) fn closeness(&self, uri: &Uri) -> Option<usize> {
        let host = uri.host()?;
        if uri.scheme() != Some(&self.scheme) || port(uri) != Some(self.port) {
            return None;
        }
        match &self.host {
            Pattern::Exact(name) => name.eq_ignore_ascii_case(host).then_some(usize::MAX),
            Pattern::Beneath(suffix) => {
                let (labels, end) = host.split_at_checked(host.len().checked_sub(suffix.len())?)?;
                let beneath = end.eq_ignore_ascii_case(suffix) && !labels.is_empty();
                beneath.then_some(suffix.len())
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wildcard, host) = match &self.host {
            Pattern::Exact(host) => ("", host),
            Pattern::Beneath(suffix) => ("*", suffix),
        };
        write!(f, "{}://{wildcard}{host}:{}", self.scheme, self.port)
    }
}

/// The port a request goes to.
pub(super) fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    })
}

/// The address that a URI names without asking DNS.
pub(super) fn literal_address(uri: &Uri) -> Option<IpAddr> {
    let host = uri.host()?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &str, uri: &str, named: bool) {
        let origin: Origin = origin.parse().unwrap();
        let uri: Uri = uri.parse().unwrap();
        assert_eq!(origin.closeness(&uri).is_some(), named, "{origin} {uri}");
    }

    #[test]
    fn names_scheme_host_and_port() {
        check("https://example.org", "https://example.org/a?b", true);
        check("https://example.org", "https://EXAMPLE.org:443/", true);
        check("https://Example.ORG:443", "https://example.org/", true);
        check("https://example.org", "http://example.org/", false);
        check("https://example.org", "https://example.org:8443/", false);
        check("http://example.org:8080", "http://example.org:8080/", true);
        check("http://example.org:8080", "http://example.org/", false);
        check("https://example.org", "https://example.org.evil/", false);
        check("https://example.org", "https://a.example.org/", false);
        check("https://example.org", "https://example.org./", false);
        check("http://[::1]:81", "http://[::1]:81/", true);
        check("http://127.0.0.1", "http://127.0.0.1/", true);
        check("http://127.0.0.1", "http://2130706433/", false);
    }

    #[test]
    fn a_wildcard_names_what_lies_beneath_a_domain() {
        check("https://*.example.org", "https://a.example.org/", true);
        check("https://*.example.org", "https://a.b.EXAMPLE.org/", true);
        check("https://*.example.org", "https://example.org/", false);
        check("https://*.example.org", "https://.example.org/", false);
        check("https://*.example.org", "https://aexample.org/", false);
        check(
            "https://*.example.org",
            "https://a.example.org.evil/",
            false,
        );
    }

    #[test]
    fn an_exact_name_is_closer_than_any_wildcard() {
        let uri: Uri = "https://a.b.example.org/".parse().unwrap();
        let closeness = |origin: &str| origin.parse::<Origin>().unwrap().closeness(&uri);
        assert!(closeness("https://a.b.example.org") > closeness("https://*.b.example.org"));
        assert!(closeness("https://*.b.example.org") > closeness("https://*.example.org"));
    }

    #[test]
    fn refuses_what_is_not_an_origin() {
        let refused = |text: &str| text.parse::<Origin>().unwrap_err();
        for text in [
            "example.org",
            "ftp://example.org",
            "https://",
            "https://a b",
            "",
        ] {
            assert_eq!(refused(text), OriginError::Syntax, "{text}");
        }
        for text in [
            "https://a/b",
            "https://a/",
            "https://u@a",
            "https://a?b",
            "https://u:p@a",
        ] {
            assert_eq!(refused(text), OriginError::NotAnOrigin, "{text}");
        }
        for text in [
            "https://*.*.a",
            "https://a.*.b",
            "https://*",
            "https://*.127.0.0.1",
        ] {
            assert_eq!(refused(text), OriginError::Wildcard, "{text}");
        }
    }
}
