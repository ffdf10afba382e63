//! Which connector answers to which address.
//!
//! The contract gives every connector the same paths and tells them apart by
//! host name: callers build `http://layer1-<servicename>`. One process that
//! serves many therefore looks at the Host header; a path prefix leads to a
//! connector as well. The table is replaced as a whole on reload, so a request
//! sees one state of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::uri::Authority;

use super::user_id::{SERVICE_PREFIX, service_name};
use crate::dispatch::ConnectorId;

/// What callers put in front of a service's name to get its host.
const HOST_PREFIX: &str = "layer1-";

/// Where one connector is reached.
#[derive(Debug, Clone)]
pub struct Route {
    /// The connector, which always answers under `/connectors/<id>`.
    pub connector: ConnectorId,
    /// Host names it answers to, without port.
    pub hosts: Vec<String>,
    /// How the contract is spoken for it.
    pub options: Options,
}

impl Route {
    /// The name by which callers know the connector's service. Service names
    /// know no tenants, so outside the default one it must have been given: a
    /// credential looked up under a name alone may be for another tenant's.
    pub(super) fn service(&self) -> Option<String> {
        let own = || {
            let is_named = self.connector.is_of_default_tenant();
            is_named.then(|| service_name(self.connector.name()))
        };
        self.options.service.clone().or_else(own)
    }
}

/// The host name by which callers look for a connector that was given no
/// other. Service names know no tenants, so only the default one has it.
pub fn default_host(connector: &ConnectorId) -> Option<String> {
    let service = service_name(connector.name());
    connector
        .is_of_default_tenant()
        .then(|| service_host(&service))
}

/// The host name by which callers look for a service.
pub fn service_host(service: &str) -> String {
    format!("{HOST_PREFIX}{service}")
}

/// How the contract is spoken for one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether a refused read breaks its connection, for callers with a
    /// credential. On, because the contract's exporter stores any body that
    /// ends well as the file; off for callers that look at the status.
    pub break_error_bodies: bool,
    /// Largest JSON body or form field.
    pub request_body_bytes: u64,
    /// The service's name, where it is not that of the connector.
    pub service: Option<String>,
    /// Whether the connector uses its callers' credentials, and is not called
    /// without one.
    pub needs_credential: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            break_error_bodies: true,
            request_body_bytes: 8 << 20,
            service: None,
            needs_credential: false,
        }
    }
}

/// Two connectors that claim one address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is claimed by `{first}` and by `{second}`")]
pub struct Conflict {
    /// What both claim.
    pub address: String,
    /// The connector that came first.
    pub first: ConnectorId,
    /// The connector that came later.
    pub second: ConnectorId,
}

/// The addresses in force. Clones share them.
#[derive(Debug, Clone)]
pub struct Routes(Arc<ArcSwap<Table>>);

impl Routes {
    /// Puts the first addresses in force.
    ///
    /// # Errors
    ///
    /// Every [`Conflict`] among them.
    pub fn new(routes: Vec<Route>) -> Result<Self, Vec<Conflict>> {
        Ok(Self(Arc::new(ArcSwap::from_pointee(Table::new(routes)?))))
    }

    /// Replaces them all; on an error those in force stay.
    ///
    /// # Errors
    ///
    /// Every [`Conflict`] among the new ones.
    pub fn replace(&self, routes: Vec<Route>) -> Result<(), Vec<Conflict>> {
        self.0.store(Arc::new(Table::new(routes)?));
        Ok(())
    }

    pub(super) fn load(&self) -> Arc<Table> {
        self.0.load_full()
    }
}

/// One state of the addresses.
#[derive(Debug, Default)]
pub(super) struct Table {
    by_id: HashMap<String, Arc<Route>>,
    by_host: HashMap<String, Arc<Route>>,
    /// Only services whose name is not that of their connector.
    by_service: HashMap<String, Arc<Route>>,
}

impl Table {
    fn new(routes: Vec<Route>) -> Result<Self, Vec<Conflict>> {
        let mut table = Self::default();
        let mut conflicts = Vec::new();
        for route in routes.into_iter().map(Arc::new) {
            let id = route.connector.to_string();
            conflicts.extend(claim(&mut table.by_id, "connector", id, &route));
            if let Some(service) = &route.options.service {
                let service = service.clone();
                conflicts.extend(claim(&mut table.by_service, "service", service, &route));
            }
            for host in &route.hosts {
                conflicts.extend(claim(&mut table.by_host, "host", normal(host), &route));
            }
        }
        if conflicts.is_empty() {
            Ok(table)
        } else {
            Err(conflicts)
        }
    }

    /// The connector of an id.
    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Route>> {
        self.by_id.get(id).cloned()
    }

    /// The connector of a Host header or an authority, with or without port.
    pub(super) fn by_host(&self, host: &str) -> Option<Arc<Route>> {
        let authority: Authority = host.parse().ok()?;
        self.by_host.get(&normal(authority.host())).cloned()
    }

    /// The connector of a session's service name, which may have gained a
    /// `port-` on its way.
    pub(super) fn by_service(&self, service: &str) -> Option<Arc<Route>> {
        let named = self.by_service.get(service).cloned();
        let bare = || self.by_id(service.strip_prefix(SERVICE_PREFIX)?);
        named.or_else(|| self.by_id(service)).or_else(bare)
    }

    /// The connector of a service's name in the tenant of another.
    pub(super) fn sibling(&self, of: &ConnectorId, service: &str) -> Option<Arc<Route>> {
        let service = service_name(service);
        let named = self.by_service.get(&service).cloned();
        let named = named.filter(|route| route.connector.tenant() == of.tenant());
        let by_name = || {
            let bare = service.strip_prefix(SERVICE_PREFIX);
            [Some(service.as_str()), bare]
                .into_iter()
                .flatten()
                .filter_map(|name| ConnectorId::new(Some(of.tenant()), name).ok())
                .find_map(|id| self.by_id(&id.to_string()))
        };
        named.or_else(by_name)
    }

    /// The connector of a path below `/connectors/`, and how much of the path
    /// is its id.
    pub(super) fn by_path<'a>(&self, path: &'a str) -> Option<(Arc<Route>, &'a str)> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        ends.chain([path.len()])
            .take(2)
            .filter_map(|end| path.get(..end))
            .find_map(|id| Some((self.by_id(id)?, id)))
    }
}

fn claim(
    routes: &mut HashMap<String, Arc<Route>>,
    kind: &str,
    address: String,
    route: &Arc<Route>,
) -> Option<Conflict> {
    match routes.entry(address) {
        Entry::Vacant(entry) => {
            entry.insert(route.clone());
            None
        }
        // A connector may name itself twice.
        Entry::Occupied(entry) => (!Arc::ptr_eq(entry.get(), route)).then(|| Conflict {
            address: format!("{kind} `{}`", entry.key()),
            first: entry.get().connector.clone(),
            second: route.connector.clone(),
        }),
    }
}

/// Host names know no case, and a full stop at the end changes nothing.
fn normal(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
