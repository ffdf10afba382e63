//! Connectors that call others, as their grants say: `[grants.database]`.
//! Checked when all of them are known.

use super::claims::Claims;
use super::connector::Connector;
use super::problem::{Problem, Report};
use crate::dispatch::ConnectorId;
use crate::limits::NESTED_CALLS_MAX;
use crate::plugin::manifest::Role;

/// Who calls whom, over all files.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Link>);

#[derive(Debug)]
struct Link {
    from: ConnectorId,
    to: ConnectorId,
    /// Where it stands; what is wrong is not known yet.
    at: Problem,
}

impl Links {
    pub(super) fn add(&mut self, from: ConnectorId, to: ConnectorId, at: Problem) {
        self.0.push(Link { from, to, at });
    }

    /// Notes those that lead nowhere, in a circle, or too far.
    pub(super) fn check(&self, report: &Report, claims: &Claims, connectors: &[Connector]) {
        for link in &self.0 {
            let at = |message: String| Problem {
                message,
                ..link.at.clone()
            };
            let (id, name) = (&link.to, link.to.name());
            if !claims.is_connector(id) {
                report.add(at(match claims.is_disabled(name) {
                    true => format!("connector `{name}` is not enabled"),
                    false => format!("no connector `{id}`"),
                }));
            } else if let Some(why) = self.detour(link) {
                report.add(at(why));
            } else if !plays_database(connectors, id) {
                let role = Role::Database;
                let message = format!("the plugin of connector `{id}` does not play `{role}`");
                report.add_misfit(at(message));
            }
        }
    }

    /// Why calls along a link would not come back in time, if that is so. A
    /// connector calls one other at most.
    fn detour(&self, link: &Link) -> Option<String> {
        let next = |id: &ConnectorId| self.0.iter().find(|link| link.from == *id);
        let mut at = link;
        for _ in 0..NESTED_CALLS_MAX {
            if at.to == link.from {
                return Some(format!("calls come back to `{}` itself", link.from));
            }
            at = next(&at.to)?;
        }
        match at.to == link.from {
            true => Some(format!("calls come back to `{}` itself", link.from)),
            false => Some(format!(
                "calls would go on to `{}`, more than {NESTED_CALLS_MAX} deep",
                at.to
            )),
        }
    }
}

/// What is not known yet, or is no plugin at all, was noted or comes up later.
fn plays_database(connectors: &[Connector], id: &ConnectorId) -> bool {
    let connector = connectors.iter().find(|other| other.id == *id);
    let offer = connector.and_then(|connector| connector.offer.as_ref());
    let roles = offer.map(|offer| offer.roles()).unwrap_or_default();
    roles.is_empty() || roles.contains(&Role::Database)
}
