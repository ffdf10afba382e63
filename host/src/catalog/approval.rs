//! Upgrades that want more than what runs wait for an operator, who has seen
//! the difference.

use serde_json::json;

use super::activation::Step;
use super::intake::Known;
use super::{Actor, Catalog, Change, Difference, Options, Refusal};
use crate::digest::Digest;
use crate::dispatch::ConnectorId;
use crate::persistence::{Activation, How, NewEvent};

impl Catalog {
    /// Allows the upgrade that is pending, if it is the one that was seen.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; what ran before runs on.
    pub async fn approve(
        &self,
        id: &ConnectorId,
        seen: Option<&Digest>,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let slot = self.find(id)?;
        let digest = self.pending(id, seen).await?;
        let known = self.admitted(&digest).await?;
        let step = Step {
            how: How::Approved,
            options: Options { approve: true },
        };
        self.change(&slot, &known, step, by).await
    }

    /// Gives up the upgrade that is pending, if it is the one that was seen.
    ///
    /// # Errors
    ///
    /// [`Refusal::Nothing`] when none is, [`Refusal::Conflict`] when it is another.
    pub async fn reject(
        &self,
        id: &ConnectorId,
        seen: Option<&Digest>,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        self.find(id)?;
        let digest = self.pending(id, seen).await?;
        let connector = id.to_string();
        let event = NewEvent {
            actor: by.as_str(),
            action: "rejected",
            connector: Some(&connector),
            digest: Some(&digest),
            detail: json!({}),
        };
        self.persistence
            .withdraw(&connector, &digest, event)
            .await?;
        Ok(Change::Withdrawn { digest })
    }

    /// How an upgrade differs from what runs, if it wants more.
    pub(super) async fn growth(
        &self,
        current: &Activation,
        known: &Known,
    ) -> Result<Option<Difference>, Refusal> {
        let Some(running) = self.known(&current.digest).await? else {
            return Ok(None);
        };
        let difference = Difference::between(&running.facts, &known.facts);
        Ok(difference.grows().then_some(difference))
    }

    /// Holds an upgrade until an operator has seen the difference.
    pub(super) async fn hold(
        &self,
        connector: &str,
        known: &Known,
        difference: Difference,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let stored = serde_json::to_value(&difference).unwrap_or_default();
        let event = NewEvent {
            actor: by.as_str(),
            action: "pending",
            connector: Some(connector),
            digest: Some(&known.digest),
            detail: stored.clone(),
        };
        let proposed = self
            .persistence
            .propose(connector, &known.digest, &stored, event);
        proposed.await?;
        tracing::warn!(
            connector,
            digest = known.digest.short(),
            imports = ?difference.imports_added,
            wants = ?difference.wants_added,
            "wants more than the version that runs; held until `tenon approve {connector}`"
        );
        Ok(Change::Pending {
            digest: known.digest.clone(),
            difference,
        })
    }

    async fn pending(&self, id: &ConnectorId, seen: Option<&Digest>) -> Result<Digest, Refusal> {
        let connector = id.to_string();
        let mut snapshot = self.persistence.snapshot_of(&connector).await?;
        let pending = snapshot.pending.remove(&connector);
        let nothing = || Refusal::Nothing(format!("nothing is pending for {id}"));
        let digest = pending.ok_or_else(nothing)?.digest;
        match seen {
            Some(seen) if *seen != digest => Err(Refusal::Conflict(format!(
                "{digest} is pending for {id} by now, and not {seen}"
            ))),
            _ => Ok(digest),
        }
    }
}
