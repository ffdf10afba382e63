//! What only one connector may have: its id, a `Host`, a service, a listener.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;
use std::net::SocketAddr;

use super::source::Place;
use crate::dispatch::ConnectorId;
use crate::limits::TenantLimits;

/// Who has what, over all files.
#[derive(Debug)]
pub(super) struct Claims {
    ids: HashMap<ConnectorId, String>,
    hosts: HashMap<String, String>,
    services: HashMap<String, String>,
    listeners: HashMap<SocketAddr, String>,
    pipelines: HashMap<ConnectorId, String>,
    /// Stems of the files of connectors that are not enabled.
    disabled: HashSet<String>,
    tenants: BTreeMap<String, TenantLimits>,
}

impl Claims {
    /// Nothing is taken but the host's own listeners.
    pub(super) fn new(
        tenants: BTreeMap<String, TenantLimits>,
        listeners: impl IntoIterator<Item = SocketAddr>,
    ) -> Self {
        let own = |address| (address, "host.toml".to_owned());
        Self {
            ids: HashMap::new(),
            hosts: HashMap::new(),
            services: HashMap::new(),
            listeners: listeners.into_iter().map(own).collect(),
            pipelines: HashMap::new(),
            disabled: HashSet::new(),
            tenants,
        }
    }

    pub(super) fn is_tenant(&self, name: &str) -> bool {
        self.tenants.contains_key(name)
    }

    pub(super) fn tenant(&self, name: &str) -> Option<&TenantLimits> {
        self.tenants.get(name)
    }

    /// A connector's id, which stands in the path.
    pub(super) fn id(&mut self, place: &Place<'_>, id: &ConnectorId) -> bool {
        claim(&mut self.ids, place, id.clone(), "connector")
    }

    /// Whether there is such a connector, be there mistakes in it.
    pub(super) fn is_connector(&self, id: &ConnectorId) -> bool {
        self.ids.contains_key(id)
    }

    /// Notes that there would be a connector, were it enabled.
    pub(super) fn disabled(&mut self, name: &str) {
        self.disabled.insert(name.to_owned());
    }

    pub(super) fn is_disabled(&self, name: &str) -> bool {
        self.disabled.contains(name)
    }

    /// A pipeline's id, which stands in the path.
    pub(super) fn pipeline(&mut self, place: &Place<'_>, id: &ConnectorId) -> bool {
        claim(&mut self.pipelines, place, id.clone(), "pipeline")
    }

    /// A value of the `Host` header.
    pub(super) fn host(&mut self, place: &Place<'_>, host: &str) -> bool {
        claim(&mut self.hosts, place, host.to_owned(), "Host")
    }

    /// The name of a service that is registered.
    pub(super) fn service(&mut self, place: &Place<'_>, service: &str) -> bool {
        claim(&mut self.services, place, service.to_owned(), "service")
    }

    /// An address to listen on.
    pub(super) fn listener(&mut self, place: &Place<'_>, address: SocketAddr) -> bool {
        // Port 0 is a new port each time.
        address.port() == 0 || claim(&mut self.listeners, place, address, "listener")
    }

    /// The tenants' limits, by name.
    pub(super) fn into_tenants(self) -> BTreeMap<String, TenantLimits> {
        self.tenants
    }
}

fn claim<T: Eq + Hash + Display>(
    taken: &mut HashMap<T, String>,
    place: &Place<'_>,
    thing: T,
    kind: &str,
) -> bool {
    if let Some(owner) = taken.get(&thing) {
        place.problem(format_args!("{kind} `{thing}` is taken by {owner}"));
        return false;
    }
    taken.insert(thing, place.file().to_owned());
    true
}
