//! How a connector is addressed in the `rds` contract, and what RDS is told
//! of it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::claims::Claims;
use super::host::Host;
use super::registration;
use super::source::{Entry, Section};
use crate::capability::Grants;
use crate::dispatch::ConnectorId;
use crate::frontend::rds::{self, Part, Registration};
use crate::label::is_label;
use crate::plugin::manifest::Role;

/// How a connector of the `rds` frontend is addressed and answers.
#[derive(Debug, Clone)]
pub struct Rds {
    /// Values of the `Host` header, in lower case.
    pub hosts: Vec<String>,
    /// A listener of its own.
    pub listen: Option<SocketAddr>,
    /// Whether error answers to file reads are left unterminated, so that a
    /// client which does not look at the status cannot take them for content.
    pub break_error_bodies: bool,
    /// The name of its service, where it is not that of the connector.
    pub service: Option<String>,
    /// Whether it uses its callers' credentials.
    pub needs_credential: bool,
    /// What the token storage is told of it, if there is one to tell, but for
    /// what it implements.
    pub registration: Option<Registration>,
}

impl Rds {
    /// Reads what stands at the top of the file, and in `[rds]`.
    pub(super) fn read(
        file: &mut Section<'_>,
        id: Option<&ConnectorId>,
        host: Option<&Host>,
        claims: &mut Claims,
    ) -> Option<Self> {
        let hosts = file.take("hosts");
        let listen = file.take("listen").and_then(|entry| {
            let place = entry.place.clone();
            let address = place.check(entry.text()?.parse::<SocketAddr>())?;
            claims.listener(&place, address);
            Some(address)
        });
        let mut section = file.section("rds");
        let mut break_error_bodies = true;
        let mut service = None;
        if let Some(section) = &mut section {
            break_error_bodies = section
                .get("break_error_bodies")
                .unwrap_or(break_error_bodies);
            service = section.take("service").and_then(service_name);
        }
        let hosts = match hosts {
            Some(entry) => named_hosts(entry, claims),
            None => default_host(file, id, service.as_deref(), claims),
        };
        let registration = section.as_mut().and_then(|section| {
            let Some(entry) = section.take("registration") else {
                // A session's `userId` leads to it all the same.
                if let Some(service) = &service {
                    claims.service(&section.below("service"), service);
                }
                return None;
            };
            let own = || {
                let id = id?;
                if !id.is_of_default_tenant() {
                    let place = section.below("service");
                    place.problem("missing: services know no tenants, so this one needs a name");
                    return None;
                }
                Some(rds::service_name(id.name()))
            };
            // Without a name it is still looked through for mistakes.
            let service = service.clone().or_else(own);
            registration::read(entry, service, host, claims)
        });
        Some(Self {
            hosts: hosts?,
            listen,
            break_error_bodies,
            service,
            needs_credential: false,
            registration,
        })
    }

    /// Adds what the grants say.
    pub(super) fn with(mut self, grants: &Grants) -> Self {
        self.needs_credential = grants.use_caller();
        self
    }

    /// What the token storage is told of it while it plays these roles; nothing
    /// as long as it plays none.
    pub fn registration_as(&self, roles: &BTreeSet<Role>) -> Option<Registration> {
        let mut registration = self.registration.clone()?;
        let implements: Vec<_> = [
            (Role::FileStore, Part::FileStorage),
            (Role::Repository, Part::Metadata),
        ]
        .into_iter()
        .filter_map(|(role, part)| roles.contains(&role).then_some(part))
        .collect();
        registration.implements = implements;
        (!registration.implements.is_empty()).then_some(registration)
    }
}

fn service_name(entry: Entry<'_>) -> Option<String> {
    let place = entry.place.clone();
    let text = entry.text()?;
    let name = rds::service_name(&text);
    // It becomes part of a host name.
    if !rds::service_host(&name).split('.').all(is_label) {
        place.problem(format_args!(
            "`{text}` cannot be part of a host name: use letters, digits, `-` and `.`"
        ));
        return None;
    }
    Some(name)
}

fn default_host(
    file: &Section<'_>,
    id: Option<&ConnectorId>,
    service: Option<&str>,
    claims: &mut Claims,
) -> Option<Vec<String>> {
    let host = match service {
        Some(service) => Some(rds::service_host(service)),
        None => rds::default_host(id?),
    };
    if let Some(host) = &host {
        claims.host(&file.place, host);
    }
    Some(host.into_iter().collect())
}

fn named_hosts(entry: Entry<'_>, claims: &mut Claims) -> Option<Vec<String>> {
    let mut hosts = Vec::new();
    for item in entry.items() {
        let place = item.place.clone();
        let Some(host) = item.text() else {
            continue;
        };
        let host = host.to_lowercase();
        let is_host = host.split('.').all(is_label);
        if !is_host {
            place.problem(format_args!("`{host}` is no host name; leave the port out"));
        } else if claims.host(&place, &host) {
            hosts.push(host);
        }
    }
    Some(hosts)
}
