//! The connectors a pipeline names, and whether they are there and can do what
//! it needs of them.

use crate::config::claims::Claims;
use crate::config::connector::Connector;
use crate::config::source::{Entry, Place, Section};
use crate::dispatch::ConnectorId;

/// Finds connectors of one pipeline's tenant.
pub(super) struct Stores<'c> {
    /// Without one, names are not looked up: the pipeline's own is wrong.
    pipeline: Option<&'c ConnectorId>,
    claims: &'c Claims,
    connectors: &'c [Connector],
}

impl<'c> Stores<'c> {
    pub(super) fn new(
        pipeline: Option<&'c ConnectorId>,
        claims: &'c Claims,
        connectors: &'c [Connector],
    ) -> Self {
        Self {
            pipeline,
            claims,
            connectors,
        }
    }

    /// The connector a key names, which must play a role.
    pub(super) fn required(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        role: &str,
    ) -> Option<ConnectorId> {
        section.require(key);
        self.optional(section, key, role)
    }

    /// The same, where it may be left out.
    pub(super) fn optional(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        role: &str,
    ) -> Option<ConnectorId> {
        self.named(section.take(key)?, role)
    }

    /// The connector an entry names.
    pub(super) fn named(&self, entry: Entry<'_>, role: &str) -> Option<ConnectorId> {
        let place = entry.place.clone();
        let name = entry.text()?;
        let pipeline = self.pipeline?;
        let tenant = (!pipeline.is_of_default_tenant()).then(|| pipeline.tenant());
        let id = place.check(ConnectorId::new(tenant, &name))?;
        if !self.claims.is_connector(&id) {
            self.missing(&place, &id);
            return None;
        }
        self.plays(&place, &id, role);
        Some(id)
    }

    fn missing(&self, place: &Place<'_>, id: &ConnectorId) {
        let name = id.name();
        if self.claims.is_disabled(name) {
            place.problem(format_args!("connector `{name}` is not enabled"));
        } else {
            place.problem(format_args!("no connector `{id}`"));
        }
    }

    /// Notes a plugin file that cannot do what is asked of its connector. What
    /// comes from a registry is known later.
    fn plays(&self, place: &Place<'_>, id: &ConnectorId, role: &str) {
        let connector = self.connectors.iter().find(|other| other.id == *id);
        let Some(offer) = connector.and_then(|connector| connector.offer.as_ref()) else {
            return;
        };
        let roles = offer.roles();
        // None at all is a file that is no plugin, which was noted with it.
        if !roles.is_empty() && !roles.iter().any(|played| played.name() == role) {
            place.misfit(format_args!(
                "the plugin of connector `{id}` does not play `{role}`"
            ));
        }
    }
}
