//! What a frontend says of a call.

use crate::label::is_label;
use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;

/// The tenant of connectors that name none.
const DEFAULT_TENANT: &str = "default";

/// `tenant/name`, or `name` for the default tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectorId {
    tenant: String,
    name: String,
}

/// An id that breaks the rules of names.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name: use lower-case letters, digits and `-`, starting with a letter or digit, at most 63 characters"
)]
pub struct ConnectorIdError(String);

impl ConnectorId {
    /// An id from its parts; no tenant means the default one.
    ///
    /// # Errors
    ///
    /// [`ConnectorIdError`] when a part is not a DNS label (RFC 1123), which
    /// it must be to stand in a host name.
    pub fn new(tenant: Option<&str>, name: &str) -> Result<Self, ConnectorIdError> {
        let tenant = tenant.unwrap_or(DEFAULT_TENANT);
        for part in [tenant, name] {
            if !is_label(part) {
                return Err(ConnectorIdError(part.to_owned()));
            }
        }
        Ok(Self {
            tenant: tenant.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The owner of the connector.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The connector's name within its tenant.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the tenant is left out when the id is written.
    pub fn is_of_default_tenant(&self) -> bool {
        self.tenant == DEFAULT_TENANT
    }
}

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_of_default_tenant() {
            write!(f, "{}/", self.tenant)?;
        }
        f.write_str(&self.name)
    }
}

impl FromStr for ConnectorId {
    type Err = ConnectorIdError;

    fn from_str(text: &str) -> Result<Self, ConnectorIdError> {
        match text.split_once('/') {
            Some((tenant, name)) => Self::new(Some(tenant), name),
            None => Self::new(None, text),
        }
    }
}

/// One request for an operation.
#[derive(Debug)]
pub struct Call {
    /// Which connector is to run it.
    pub connector: ConnectorId,
    /// Names the call in logs, traces and upstream requests.
    pub request_id: String,
    /// The caller's user name.
    pub user: Option<String>,
    /// The credential that came with the request.
    pub credential: Option<SecretString>,
    /// W3C Trace Context `traceparent` of the request.
    pub trace_parent: Option<String>,
    /// Whether its sandbox is to serve no other call.
    pub alone: bool,
}

impl Call {
    /// A call of the host's own, on nobody's behalf.
    pub fn of_host(connector: ConnectorId, request_id: impl Into<String>) -> Self {
        Self {
            connector,
            request_id: request_id.into(),
            user: None,
            credential: None,
            trace_parent: None,
            alone: false,
        }
    }

    /// The same in a sandbox that serves no other call.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }
}
