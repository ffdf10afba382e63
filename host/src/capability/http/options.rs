//! How a connector's client connects.

use std::fmt;
use std::time::Duration;

/// Settings of the client that all calls of one connector share.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Whom to believe about who a server is.
    pub certificates: Certificates,
    /// Whether certificates are looked at. Off, anybody on the way can read
    /// and change what a connector sends; the log says so.
    pub verify_tls: bool,
    /// The way out.
    pub proxy: Proxy,
    /// Longest wait for name, connection and TLS together.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
    /// Unused connections kept for one host.
    pub idle_max: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            certificates: Certificates::default(),
            verify_tls: true,
            proxy: Proxy::default(),
            connect_timeout: Duration::from_secs(10),
            // Below the 60 s after which many servers and balancers hang up.
            idle_timeout: Duration::from_secs(50),
            idle_max: 32,
        }
    }
}

/// Certificates of authorities.
#[derive(Clone, Default)]
pub struct Certificates {
    /// Private authorities, as PEM.
    pub extra: Vec<u8>,
    /// Whether the authorities that the platform trusts are left out.
    pub only_extra: bool,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("extra_bytes", &self.extra.len())
            .field("only_extra", &self.only_extra)
            .finish()
    }
}

/// Proxies, as the variables of the same names give them. They may hold
/// credentials and are never printed.
///
/// Behind a proxy it is the proxy that resolves a host's name, so that the
/// check of resolved addresses is the proxy's too; only addresses written into
/// a URL are still checked here. The proxy itself is the operator's and may
/// live anywhere.
#[derive(Clone, Default)]
pub struct Proxy {
    /// `HTTP_PROXY`: for plain HTTP.
    pub http: String,
    /// `HTTPS_PROXY`: for HTTPS, through a tunnel.
    pub https: String,
    /// `ALL_PROXY`: where the one before is not set.
    pub all: String,
    /// `NO_PROXY`: hosts, domains and networks that are reached directly.
    pub none_for: String,
}

impl Proxy {
    /// No proxy at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there is one for anything.
    pub fn is_some(&self) -> bool {
        [&self.http, &self.https, &self.all]
            .iter()
            .any(|proxy| !proxy.is_empty())
    }

    /// Reads the variables through `variable`, each in upper and lower case.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| {
            variable(name)
                .or_else(|| variable(&name.to_lowercase()))
                .unwrap_or_default()
        };
        Self {
            http: read("HTTP_PROXY"),
            https: read("HTTPS_PROXY"),
            all: read("ALL_PROXY"),
            none_for: read("NO_PROXY"),
        }
    }

    /// Reads the variables of this process.
    pub fn from_environment() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}

/// Settings that no client can be built from.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The private authorities are no certificates.
    #[error("the certificates cannot be read: {0}")]
    Certificates(String),
    /// A proxy that is not spoken to over plain HTTP.
    #[error("`{0}` is not an `http://` proxy")]
    Proxy(&'static str),
}
