//! Follows what other hosts decide, and what this one decided before it was
//! restarted.

use std::sync::Arc;
use std::time::Duration;

use super::Catalog;
use super::slot::Slot;
use crate::persistence::{Activation, Snapshot};

/// Between two looks at the revision, one small query each. An activation is
/// to reach every host within two seconds.
const PERIOD: Duration = Duration::from_millis(500);

impl Catalog {
    /// Takes over what changes in the database, for as long as it is polled.
    /// While the database cannot be reached, every connector goes on with what
    /// it runs.
    pub async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut seen = 0;
        loop {
            ticks.tick().await;
            // That it cannot be reached is logged where it is noticed.
            if let Ok(revision) = self.take_over_since(seen).await {
                seen = revision;
            }
        }
    }

    async fn take_over_since(self: &Arc<Self>, seen: i64) -> crate::persistence::Result<i64> {
        if self.persistence.revision().await? == seen {
            return Ok(seen);
        }
        let snapshot = self.persistence.snapshot().await?;
        let mut complete = true;
        for slot in self.slots().values() {
            // One whose new version is being checked must not hold up others.
            match slot.changing.try_lock() {
                Ok(_turn) => self.converge(slot, &snapshot).await,
                Err(_) => complete = false,
            }
        }
        Ok(if complete { snapshot.revision } else { seen })
    }

    /// Brings one connector to where the database says it is.
    pub(super) async fn converge(self: &Arc<Self>, slot: &Arc<Slot>, snapshot: &Snapshot) {
        let connector = slot.configured.id.to_string();
        if let Some(activation) = snapshot.activations.get(&connector)
            && activation.revision > slot.activation()
        {
            self.take_activation(slot, activation).await;
        }
        match snapshot.canaries.get(&connector) {
            Some(canary) if canary.revision > slot.canary().max(slot.activation()) => {
                self.take_canary(slot, canary).await;
            }
            // A snapshot from before it was started does not end it.
            None if slot.canary() != 0 && slot.canary() <= snapshot.revision => {
                slot.connector.end_try_out();
                slot.tries_out(0);
                tracing::info!(connector, "its canary has ended");
            }
            _ => {}
        }
    }

    async fn take_activation(&self, slot: &Slot, activation: &Activation) {
        let connector = slot.configured.id.to_string();
        let digest = &activation.digest;
        match self.known(digest).await {
            Ok(Some(known)) => {
                let version = known.version(&slot.configured);
                self.swap(slot, version, activation.revision, None).await;
                tracing::info!(connector, digest = digest.short(), "taken over");
            }
            Ok(None) => tracing::error!(connector, %digest, "activated, but never admitted"),
            // Looked at again with the next change, or after a restart.
            Err(error) => tracing::error!(connector, %digest, "cannot be loaded: {error}"),
        }
    }
}
