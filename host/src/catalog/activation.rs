//! One connector changes its version: what is checked, stored, and swapped,
//! in this order.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::intake::Known;
use super::slot::Slot;
use super::{Actor, Catalog, Change, Changed, Options, Refusal, Wanted, fit};
use crate::digest::Digest;
use crate::dispatch::{Call, ConnectorId, Error, Outcome, Version, lifecycle};
use crate::persistence::{Activation, How, NewEvent, Past};

/// How a version is to be put in place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) how: How,
    pub(super) options: Options,
}

impl Catalog {
    /// Makes a component the one that a connector runs.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; what ran before runs on.
    pub async fn activate(
        &self,
        id: &ConnectorId,
        wanted: &Wanted,
        options: Options,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let slot = self.find(id)?;
        let known = self.resolve(wanted, by).await?;
        let how = How::Activated;
        self.change(&slot, &known, Step { how, options }, by).await
    }

    /// Goes back to an earlier version: the named one, or the one before.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; what ran before runs on.
    pub async fn rollback(
        &self,
        id: &ConnectorId,
        to: Option<&Digest>,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let slot = self.find(id)?;
        let history = self.persistence.history(&id.to_string()).await?;
        let nothing = |why: &str| Refusal::Nothing(format!("{id} {why}"));
        let digest = match to {
            Some(digest) if history.iter().any(|past| past.digest == *digest) => digest.clone(),
            Some(digest) => return Err(nothing(&format!("has never run {digest}"))),
            None => before(&history).ok_or_else(|| nothing("has no earlier version"))?,
        };
        let known = self.admitted(&digest).await?;
        let step = Step {
            how: How::RolledBack,
            options: Options { approve: true },
        };
        self.change(&slot, &known, step, by).await
    }

    /// Puts a component in place, or holds it for approval.
    pub(super) async fn change(
        &self,
        slot: &Slot,
        known: &Known,
        step: Step,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let _turn = slot.changing.lock().await;
        let digest = &known.digest;
        let changed = self.try_change(slot, known, step, by).await;
        match changed {
            Ok(change) => Ok(change),
            Err(refusal) => {
                let id = &slot.configured.id;
                let action = "activation-refused";
                Err(self
                    .refused(action, Some(id), Some(digest), refusal, by)
                    .await)
            }
        }
    }

    async fn try_change(
        &self,
        slot: &Slot,
        known: &Known,
        step: Step,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let connector = slot.configured.id.to_string();
        let current = self.current(&connector).await?;
        if current
            .as_ref()
            .is_some_and(|current| current.digest == known.digest)
        {
            return Ok(Change::Unchanged {
                digest: known.digest.clone(),
            });
        }
        let problems = fit::problems(&known.facts, &slot.configured);
        if !problems.is_empty() {
            return Err(Refusal::DoesNotFit(problems));
        }
        if let Some(current) = &current
            && !step.options.approve
            && let Some(difference) = self.growth(current, known).await?
        {
            return self.hold(&connector, known, difference, by).await;
        }
        let version = known.version(&slot.configured);
        let not_ready = match (self.check(slot, &version).await, step.how) {
            (Ok(not_ready), _) => not_ready,
            // It ran before: that it fails now is no reason to stay with worse.
            (Err(refusal), How::RolledBack) => Some(refusal.to_string()),
            (Err(refusal), _) => return Err(refusal),
        };
        fail::fail_point!("activation-checked");
        let previous = current.map(|current| current.digest);
        let committed = self.commit(
            &connector,
            known,
            step.how,
            previous.as_ref(),
            json!({}),
            by,
        );
        let revision = committed.await?;
        fail::fail_point!("activation-committed");
        let checked = not_ready.clone().map_or(Ok(()), Err);
        self.swap(slot, version, revision, Some(checked)).await;
        fail::fail_point!("activation-swapped");
        tracing::info!(connector, digest = known.digest.short(), how = %step.how, "activated");
        Ok(Change::Activated {
            digest: known.digest.clone(),
            previous,
            not_ready,
        })
    }

    /// Stores who runs what from now on.
    pub(super) async fn commit(
        &self,
        connector: &str,
        known: &Known,
        how: How,
        previous: Option<&Digest>,
        report: Value,
        by: &Actor,
    ) -> Result<i64, Refusal> {
        let event = NewEvent {
            actor: by.as_str(),
            action: &how.to_string(),
            connector: Some(connector),
            digest: Some(&known.digest),
            detail: json!({
                "name": known.facts.name,
                "version": known.facts.version,
                "previous": previous,
                "report": report,
            }),
        };
        let activated = self
            .persistence
            .activate(connector, &known.digest, how, event);
        Ok(activated.await?)
    }

    /// Lets a connector run a version from now on.
    pub(super) async fn swap(
        &self,
        slot: &Slot,
        version: Arc<Version>,
        revision: i64,
        checked: Option<Result<(), String>>,
    ) {
        let connector = slot.connector.clone();
        // State may be handed over, and guests run on the workers alone.
        let swapped = self
            .workers
            .spawn(async move { connector.activate(version).await });
        if let Err(error) = swapped.await {
            tracing::error!("a swap failed: {error}");
        }
        slot.activated(revision);
        // Nobody listens once the host stops.
        _ = self.changed.try_send(Changed {
            connector: slot.configured.id.clone(),
            checked,
        });
    }

    /// Why the system behind a version cannot be reached, if that is all that
    /// is wrong with it.
    pub(super) async fn check(
        &self,
        slot: &Slot,
        version: &Arc<Version>,
    ) -> Result<Option<String>, Refusal> {
        let call = Call::of_host(slot.configured.id.clone(), Uuid::now_v7().to_string());
        let (dispatcher, version) = (self.dispatcher.clone(), version.clone());
        let asked = self.workers.spawn(async move {
            dispatcher
                .call_version(call, version, lifecycle::Check)
                .await
        });
        match asked.await {
            Ok(Ok(())) => Ok(None),
            Ok(Err(error)) if refuses(&error) => Err(Refusal::Check {
                outcome: error.outcome().name(),
                message: error.message().to_owned(),
            }),
            Ok(Err(error)) => Ok(Some(error.message().to_owned())),
            Err(_) => Err(Refusal::Stopping),
        }
    }

    pub(super) async fn current(&self, connector: &str) -> Result<Option<Activation>, Refusal> {
        let mut snapshot = self.persistence.snapshot_of(connector).await?;
        Ok(snapshot.activations.remove(connector))
    }
}

/// Whether a version that answers its check so is not to run at all.
fn refuses(error: &Error) -> bool {
    matches!(
        error.outcome(),
        Outcome::Invalid | Outcome::Denied | Outcome::Unauthenticated | Outcome::Internal
    )
}

/// The version before the one that runs, where versions that were rolled back
/// from do not count: going back twice does not lead forward again.
fn before(history: &[Past]) -> Option<Digest> {
    let mut versions: Vec<&Digest> = Vec::new();
    for past in history.iter().rev() {
        match versions.iter().rposition(|digest| **digest == past.digest) {
            Some(place) if past.how == How::RolledBack => versions.truncate(place + 1),
            _ => versions.push(&past.digest),
        }
    }
    let current = versions.pop()?;
    versions
        .into_iter()
        .rev()
        .find(|digest| *digest != current)
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(history: &[(&str, How)]) -> Vec<Past> {
        let past = history.iter().map(|(name, how)| Past {
            digest: Digest::of(name.as_bytes()),
            how: *how,
            revision: 1,
            by: "alice".to_owned(),
            at: 0,
        });
        // The latest first, as it is stored.
        past.rev().collect()
    }

    #[test]
    fn goes_back_step_by_step() {
        use How::{Activated, RolledBack};
        let back = |history: &[(&str, How)]| before(&past(history));
        let digest = |name: &str| Some(Digest::of(name.as_bytes()));
        assert_eq!(back(&[]), None);
        assert_eq!(back(&[("a", Activated)]), None);
        let mut history = vec![("a", Activated), ("b", Activated), ("c", Activated)];
        assert_eq!(back(&history), digest("b"));
        history.push(("b", RolledBack));
        assert_eq!(back(&history), digest("a"));
        history.push(("d", Activated));
        assert_eq!(back(&history), digest("b"));
    }
}
