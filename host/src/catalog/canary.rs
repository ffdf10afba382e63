//! Versions that serve some of the calls until they have proved themselves.
//!
//! Dispatch spreads the calls and judges; here its verdicts are stored and
//! take effect. Hosts that share a database judge by their own calls: the
//! first verdict counts.

use std::sync::Arc;

use serde_json::json;

use super::intake::Known;
use super::slot::Slot;
use super::{Actor, Catalog, Change, Refusal, Wanted, fit};
use crate::dispatch::ConnectorId;
use crate::dispatch::canary::{Rules, Verdict};
use crate::persistence::{Canary, How, NewEvent};

impl Catalog {
    /// Lets a component serve some of a connector's calls.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; the version that runs serves all calls as before.
    pub async fn start_canary(
        self: &Arc<Self>,
        id: &ConnectorId,
        wanted: &Wanted,
        rules: Rules,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let slot = self.find(id)?;
        let known = self.resolve(wanted, by).await?;
        let _turn = slot.changing.lock().await;
        match self.try_canary(&slot, &known, rules, by).await {
            Ok(change) => Ok(change),
            Err(refusal) => {
                let action = "canary-refused";
                Err(self
                    .refused(action, Some(id), Some(&known.digest), refusal, by)
                    .await)
            }
        }
    }

    async fn try_canary(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        known: &Known,
        rules: Rules,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let mistakes = rules.problems();
        if !mistakes.is_empty() {
            return Err(Refusal::DoesNotFit(mistakes));
        }
        let connector = slot.configured.id.to_string();
        let nothing = || Refusal::Nothing(format!("{connector} runs nothing to compare it with"));
        let current = self.current(&connector).await?.ok_or_else(nothing)?;
        if current.digest == known.digest {
            return Ok(Change::Unchanged {
                digest: known.digest.clone(),
            });
        }
        let problems = fit::problems(&known.facts, &slot.configured);
        if !problems.is_empty() {
            return Err(Refusal::DoesNotFit(problems));
        }
        if let Some(difference) = self.growth(&current, known).await? {
            return self.hold(&connector, known, difference, by).await;
        }
        let version = known.version(&slot.configured);
        self.check(slot, &version).await?;
        let stored = serde_json::to_value(&rules).unwrap_or_default();
        let event = NewEvent {
            actor: by.as_str(),
            action: "canary-started",
            connector: Some(&connector),
            digest: Some(&known.digest),
            detail: stored.clone(),
        };
        let started = self
            .persistence
            .start_canary(&connector, &known.digest, &stored, event);
        let revision = started.await?;
        fail::fail_point!("canary-committed");
        self.try_out(slot, known, rules, revision);
        Ok(Change::Trying {
            digest: known.digest.clone(),
        })
    }

    /// Ends a canary by an operator's word.
    ///
    /// # Errors
    ///
    /// [`Refusal::Nothing`] when there is none.
    pub async fn end_canary(
        &self,
        id: &ConnectorId,
        promote: bool,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let slot = self.find(id)?;
        let connector = id.to_string();
        let mut snapshot = self.persistence.snapshot_of(&connector).await?;
        let canary = snapshot.canaries.remove(&connector);
        let nothing = || Refusal::Nothing(format!("{id} has no canary"));
        let digest = canary.ok_or_else(nothing)?.digest;
        let known = self.admitted(&digest).await?;
        let detail = json!({});
        if promote {
            self.promote(&slot, &known, detail, by).await
        } else {
            self.give_up(&slot, &known, "canary-ended", detail, by)
                .await
        }
    }

    /// Takes over a canary that is stored.
    pub(super) async fn take_canary(self: &Arc<Self>, slot: &Arc<Slot>, canary: &Canary) {
        let connector = slot.configured.id.to_string();
        let rules = serde_json::from_value(canary.rules.clone());
        match (self.known(&canary.digest).await, rules) {
            (Ok(Some(known)), Ok(rules)) => self.try_out(slot, &known, rules, canary.revision),
            (Ok(Some(_)), Err(error)) => tracing::error!(connector, "a canary's rules: {error}"),
            (Ok(None), _) => tracing::error!(connector, "a canary's component is missing"),
            (Err(error), _) => tracing::error!(connector, "a canary cannot be loaded: {error}"),
        }
    }

    fn try_out(self: &Arc<Self>, slot: &Arc<Slot>, known: &Known, rules: Rules, revision: i64) {
        let version = known.version(&slot.configured);
        let mut verdicts = {
            // Its judge runs where its calls do.
            let _workers = self.workers.enter();
            slot.connector.try_out(version, rules)
        };
        slot.tries_out(revision);
        let connector = slot.configured.id.to_string();
        tracing::info!(
            connector,
            digest = known.digest.short(),
            "tries out a canary"
        );
        let (this, slot, known) = (self.clone(), slot.clone(), known.clone());
        self.workers.spawn(async move {
            let decided = |verdict: &Verdict| !matches!(verdict, Verdict::Undecided);
            // It ends without a verdict when an operator ends it.
            let Ok(verdict) = verdicts
                .wait_for(decided)
                .await
                .map(|verdict| verdict.clone())
            else {
                return;
            };
            if slot.canary() == revision {
                this.judged(&slot, &known, verdict).await;
            }
        });
    }

    async fn judged(&self, slot: &Slot, known: &Known, verdict: Verdict) {
        let by = Actor::canary();
        let ended = match verdict {
            Verdict::Promote(report) => self.promote(slot, known, json!(report), &by).await,
            Verdict::RollBack(report) => {
                let action = "canary-rolled-back";
                self.give_up(slot, known, action, json!(report), &by).await
            }
            Verdict::Undecided => return,
        };
        match ended {
            // Another host's verdict came first; it reaches this one as well.
            Ok(_) | Err(Refusal::Conflict(_)) => {}
            Err(error) => {
                let connector = slot.configured.id.to_string();
                tracing::error!(connector, "a canary's verdict could not be stored: {error}");
            }
        }
    }

    async fn promote(
        &self,
        slot: &Slot,
        known: &Known,
        report: serde_json::Value,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let _turn = slot.changing.lock().await;
        let connector = slot.configured.id.to_string();
        let previous = self
            .current(&connector)
            .await?
            .map(|current| current.digest);
        let how = How::Promoted;
        let committed = self.commit(&connector, known, how, previous.as_ref(), report, by);
        let revision = committed.await?;
        let version = known.version(&slot.configured);
        self.swap(slot, version, revision, None).await;
        tracing::info!(
            connector,
            digest = known.digest.short(),
            "a canary was promoted"
        );
        Ok(Change::Activated {
            digest: known.digest.clone(),
            previous,
            not_ready: None,
        })
    }

    async fn give_up(
        &self,
        slot: &Slot,
        known: &Known,
        action: &str,
        report: serde_json::Value,
        by: &Actor,
    ) -> Result<Change, Refusal> {
        let _turn = slot.changing.lock().await;
        let connector = slot.configured.id.to_string();
        let event = NewEvent {
            actor: by.as_str(),
            action,
            connector: Some(&connector),
            digest: Some(&known.digest),
            detail: report,
        };
        self.persistence
            .end_canary(&connector, &known.digest, event)
            .await?;
        slot.connector.end_try_out();
        slot.tries_out(0);
        tracing::warn!(
            connector,
            digest = known.digest.short(),
            action,
            "a canary has ended"
        );
        Ok(Change::Withdrawn {
            digest: known.digest.clone(),
        })
    }
}
