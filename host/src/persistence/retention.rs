//! What is kept, and for how long.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::events::{self, NewEvent};
use super::{Persistence, Result, now};

/// What survives a clean-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Versions each connector can go back to, the running one among them.
    pub versions: u32,
    /// How long events are kept.
    pub events: Duration,
    /// How long a component is kept that no connector runs or can go back to.
    pub components: Duration,
    /// How long a message is kept that a pipeline gave up.
    pub failures: Duration,
    /// How many of those each pipeline keeps, the latest.
    pub failures_max: u32,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            versions: 10,
            // Long enough for a yearly audit.
            events: DAY * 400,
            components: DAY * 30,
            // Somebody is back from any leave by then.
            failures: DAY * 90,
            // Most are a few hundred bytes; the largest, of a mebibyte each,
            // still leave room on a disk.
            failures_max: 10_000,
        }
    }
}

/// What a clean-up removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pruned {
    /// Entries of connectors' histories.
    pub history: u64,
    /// Components, with their bytes.
    pub components: u64,
    /// Events.
    pub events: u64,
    /// Messages that pipelines gave up.
    pub failures: u64,
}

impl Persistence {
    /// Removes what retention no longer holds. What a connector runs, tries
    /// out or waits for always stays.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn prune(&self, retention: &Retention, event: NewEvent<'_>) -> Result<Pruned> {
        let (mut transaction, revision) = self.begin().await?;
        let history = sqlx::query(
            "DELETE FROM activation_history WHERE revision IN (SELECT revision FROM (\
             SELECT revision, ROW_NUMBER() OVER (PARTITION BY connector ORDER BY revision DESC) \
             AS place FROM activation_history) AS placed WHERE place > $1)",
        )
        .bind(i64::from(retention.versions.max(1)))
        .execute(&mut *transaction)
        .await?;
        let components = sqlx::query(
            "DELETE FROM components WHERE admitted_at < $1 \
             AND digest NOT IN (SELECT digest FROM activations) \
             AND digest NOT IN (SELECT digest FROM activation_history) \
             AND digest NOT IN (SELECT digest FROM pending) \
             AND digest NOT IN (SELECT digest FROM canaries)",
        )
        .bind(before(retention.components))
        .execute(&mut *transaction)
        .await?;
        let old = sqlx::query("DELETE FROM events WHERE at < $1")
            .bind(before(retention.events))
            .execute(&mut *transaction)
            .await?;
        let failures = sqlx::query(
            "DELETE FROM failures WHERE failed_at < $1 OR id IN (SELECT id FROM (\
             SELECT id, ROW_NUMBER() OVER (PARTITION BY pipeline ORDER BY id DESC) \
             AS place FROM failures) AS placed WHERE place > $2)",
        )
        .bind(before(retention.failures))
        .bind(i64::from(retention.failures_max))
        .execute(&mut *transaction)
        .await?;
        let pruned = Pruned {
            history: history.rows_affected(),
            components: components.rows_affected(),
            events: old.rows_affected(),
            failures: failures.rows_affected(),
        };
        if pruned == Pruned::default() {
            // Nothing to tell, and no other host need look.
            return Ok(pruned);
        }
        events::conclude(transaction, revision, event).await?;
        Ok(pruned)
    }
}

fn before(age: Duration) -> i64 {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    now().saturating_sub(age)
}
