//! What a connector may call, and with which credentials.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use http::Uri;

use super::address::AddressPolicy;
use super::client::Client;
use super::options::{ClientError, ClientOptions};
use super::origin::Origin;
use crate::capability::secret::Template;

/// The permission to call one origin.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who may be called.
    pub origin: Origin,
    /// Where it may turn out to live.
    pub addresses: AddressPolicy,
    /// How each credential is written into a request to it, by the name under
    /// which the guest asks for its placeholder.
    pub credentials: BTreeMap<String, Template>,
}

/// Hosts that may be called, and the connections to them, which all calls of
/// a connector share. The default grants nothing.
#[derive(Default)]
pub struct Grants {
    grants: Arc<[Arc<Grant>]>,
    /// There is none where nothing is granted.
    client: Option<Client>,
}

impl Grants {
    /// Grants and the client that serves them. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ClientError`] when certificates or proxies cannot be used.
    pub fn new(grants: Vec<Grant>, options: &ClientOptions) -> Result<Self, ClientError> {
        if grants.is_empty() {
            return Ok(Self::default());
        }
        let grants: Arc<[_]> = grants.into_iter().map(Arc::new).collect();
        let client = Some(Client::new(Arc::clone(&grants), options)?);
        Ok(Self { grants, client })
    }

    pub(in crate::capability) fn all(&self) -> &[Arc<Grant>] {
        &self.grants
    }

    pub(super) fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Whether no host is granted.
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    /// Whether any granted host takes any credential.
    pub fn take_credentials(&self) -> bool {
        let mut grants = self.grants.iter();
        grants.any(|grant| !grant.credentials.is_empty())
    }

    /// Whether any granted host takes this credential.
    pub fn any_credential(&self, name: &str) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.credentials.contains_key(name))
    }

    /// Whether any credential is written with this secret.
    pub fn any_template(&self, secret: &str) -> bool {
        let mut templates = self
            .grants
            .iter()
            .flat_map(|grant| grant.credentials.values());
        templates.any(|template| template.credentials().any(|name| name == secret))
    }
}

/// The grant that names a URI most closely, and its place among the grants.
pub(super) fn matching<'a>(grants: &'a [Arc<Grant>], uri: &Uri) -> Option<(usize, &'a Arc<Grant>)> {
    grants
        .iter()
        .enumerate()
        .filter_map(|(place, grant)| Some((grant.origin.closeness(uri)?, (place, grant))))
        .max_by_key(|(closeness, _)| *closeness)
        .map(|(_, found)| found)
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins = self.grants.iter().map(|grant| grant.origin.to_string());
        f.debug_list().entries(origins).finish()
    }
}
