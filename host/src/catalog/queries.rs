//! What operators see.

use std::collections::BTreeMap;

use super::status::{ActivationStatus, CanaryStatus, PendingStatus};
use super::{Actor, Catalog, ComponentStatus, ConnectorStatus, EventStatus, PastStatus, Refusal};
use crate::digest::Digest;
use crate::dispatch::ConnectorId;
use crate::persistence::{Activation, Component, Filter, NewEvent, Pruned, Snapshot};

/// Rows of components, by digest.
type Components = BTreeMap<Digest, Component>;

impl Catalog {
    /// Every connector.
    ///
    /// # Errors
    ///
    /// [`Refusal::Persistence`].
    pub async fn connectors(&self) -> Result<Vec<ConnectorStatus>, Refusal> {
        let snapshot = self.persistence.snapshot().await?;
        let components = self.persistence.components().await?.into_iter();
        let components = components.map(|row| (row.digest.clone(), row)).collect();
        let ids = self.slots().into_keys();
        ids.map(|id| self.status(&id, &snapshot, &components))
            .collect()
    }

    /// One connector.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoConnector`] or [`Refusal::Persistence`].
    pub async fn connector(&self, id: &ConnectorId) -> Result<ConnectorStatus, Refusal> {
        let connector = id.to_string();
        let snapshot = self.persistence.snapshot_of(&connector).await?;
        let mut components = Components::new();
        if let Some(activation) = snapshot.activations.get(&connector) {
            let component = self.persistence.component(&activation.digest).await?;
            components.extend(component.map(|row| (row.digest.clone(), row)));
        }
        self.status(id, &snapshot, &components)
    }

    fn status(
        &self,
        id: &ConnectorId,
        snapshot: &Snapshot,
        components: &Components,
    ) -> Result<ConnectorStatus, Refusal> {
        let slot = self.find(id)?;
        let key = id.to_string();
        let pending = snapshot.pending.get(&key).map(|pending| PendingStatus {
            digest: pending.digest.to_string(),
            difference: serde_json::from_value(pending.difference.clone()).unwrap_or_default(),
            by: pending.by.clone(),
            at: pending.at,
        });
        let seen = slot.connector.tried_out();
        let canary = snapshot.canaries.get(&key).map(|canary| CanaryStatus {
            digest: canary.digest.to_string(),
            rules: canary.rules.clone(),
            seen: seen.map_or_else(Default::default, |(_, report)| serde_json::json!(report)),
            by: canary.by.clone(),
            at: canary.at,
        });
        let reason = (self.reason)(id);
        Ok(ConnectorStatus {
            id: key.clone(),
            ready: reason.is_none(),
            reason,
            active: snapshot
                .activations
                .get(&key)
                .map(|activation| active(activation, components)),
            pending,
            canary,
            usage: slot.configured.usage.report(&slot.configured.grants),
        })
    }

    /// What a connector has run, the latest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoConnector`] or [`Refusal::Persistence`].
    pub async fn history(&self, id: &ConnectorId) -> Result<Vec<PastStatus>, Refusal> {
        self.find(id)?;
        let history = self.persistence.history(&id.to_string()).await?;
        Ok(history.into_iter().map(PastStatus::from).collect())
    }

    /// Every admitted component, the latest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Persistence`].
    pub async fn components(&self) -> Result<Vec<ComponentStatus>, Refusal> {
        let components = self.persistence.components().await?;
        Ok(components.into_iter().map(ComponentStatus::from).collect())
    }

    /// One admitted component.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoComponent`] or [`Refusal::Persistence`].
    pub async fn component(&self, digest: &Digest) -> Result<ComponentStatus, Refusal> {
        let component = self.persistence.component(digest).await?;
        let missing = || Refusal::NoComponent(digest.to_string());
        component.map(ComponentStatus::from).ok_or_else(missing)
    }

    /// The audit trail.
    ///
    /// # Errors
    ///
    /// [`Refusal::Persistence`].
    pub async fn events(&self, filter: &Filter) -> Result<Vec<EventStatus>, Refusal> {
        let events = self.persistence.events(filter).await?;
        Ok(events.into_iter().map(EventStatus::from).collect())
    }

    /// Admits bytes that an operator sends.
    ///
    /// # Errors
    ///
    /// [`Refusal`] says which step they failed.
    pub async fn upload(
        &self,
        bytes: bytes::Bytes,
        by: &Actor,
    ) -> Result<ComponentStatus, Refusal> {
        let origin = super::intake::Origin::unsigned("upload");
        let known = self.admit(bytes, &origin, by).await?;
        self.component(&known.digest).await
    }

    /// Fetches an artifact from a registry and admits it.
    ///
    /// # Errors
    ///
    /// [`Refusal`] says which step it failed.
    pub async fn fetch(&self, reference: &str, by: &Actor) -> Result<ComponentStatus, Refusal> {
        let known = self.fetch_known(reference, by).await?;
        self.component(&known.digest).await
    }

    /// Removes what retention does not hold.
    ///
    /// # Errors
    ///
    /// [`Refusal::Persistence`].
    pub async fn prune(&self, by: &Actor) -> Result<Pruned, Refusal> {
        let event = NewEvent {
            actor: by.as_str(),
            action: "pruned",
            connector: None,
            digest: None,
            detail: serde_json::json!({}),
        };
        let pruned = self.persistence.prune(&self.retention, event).await?;
        let left = self.persistence.components().await?.into_iter();
        let keep = left.map(|component| component.digest).collect();
        let artefacts = self.admission.prune(keep, self.retention.components);
        if let Err(error) = artefacts.await {
            tracing::warn!("compiled components were not cleaned up: {error}");
        }
        Ok(pruned)
    }
}

fn active(activation: &Activation, components: &Components) -> ActivationStatus {
    let component = components.get(&activation.digest);
    ActivationStatus {
        digest: activation.digest.to_string(),
        name: component.map(|row| row.name.clone()).unwrap_or_default(),
        version: component.map(|row| row.version.clone()).unwrap_or_default(),
        revision: activation.revision,
        by: activation.by.clone(),
        at: activation.at,
    }
}
