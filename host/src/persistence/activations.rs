//! Which version each connector runs, has run, tries out, or waits to be
//! allowed.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::events::{self, NewEvent};
use super::{Error, Persistence, Result, now, text};
use crate::digest::Digest;

/// What a connector runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The component.
    pub digest: Digest,
    /// The change that made it so.
    pub revision: i64,
    /// Who made it so.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// An upgrade that waits for an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The component.
    pub digest: Digest,
    /// What it wants more, as JSON.
    pub difference: Value,
    /// The change that proposed it.
    pub revision: i64,
    /// Who proposed it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// A version that serves some of the calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Canary {
    /// The component.
    pub digest: Digest,
    /// How it is judged, as JSON.
    pub rules: Value,
    /// The change that started it.
    pub revision: i64,
    /// Who started it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// How an activation came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By a trigger: file, API or command.
    Activated,
    /// As an upgrade that an operator allowed.
    Approved,
    /// As a canary that proved itself.
    Promoted,
    /// Back to an earlier version.
    RolledBack,
}

/// One entry of a connector's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The component.
    pub digest: Digest,
    /// How it came to run.
    pub how: How,
    /// The change that made it so.
    pub revision: i64,
    /// Who made it so.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl Persistence {
    /// Makes a component the one that a connector runs, and ends its canary.
    /// An upgrade that was pending stays so, unless this is the one. Returns
    /// the change's revision.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when what was to be approved or promoted is no
    /// longer there.
    pub async fn activate(
        &self,
        connector: &str,
        digest: &Digest,
        how: How,
        event: NewEvent<'_>,
    ) -> Result<i64> {
        let (mut transaction, revision) = self.begin().await?;
        let pending = delete_pending(&mut transaction, connector, digest).await?;
        let canary = delete_canary(&mut transaction, connector, digest).await?;
        match how {
            How::Approved if !pending => return Err(Error::Conflict("it is not pending any more")),
            How::Promoted if !canary => return Err(Error::Conflict("it is no canary any more")),
            _ => {}
        }
        // A canary of another version would be compared with the wrong one.
        sqlx::query("DELETE FROM canaries WHERE connector = $1")
            .bind(connector)
            .execute(&mut *transaction)
            .await?;
        let at = now();
        sqlx::query(
            "INSERT INTO activations (connector, digest, revision, activated_by, activated_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (connector) DO UPDATE SET \
             digest = excluded.digest, revision = excluded.revision, \
             activated_by = excluded.activated_by, activated_at = excluded.activated_at",
        )
        .bind(connector)
        .bind(digest.as_str())
        .bind(revision)
        .bind(event.actor)
        .bind(at)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO activation_history \
             (revision, connector, digest, how, activated_by, activated_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(revision)
        .bind(connector)
        .bind(digest.as_str())
        .bind(how.to_string())
        .bind(event.actor)
        .bind(at)
        .execute(&mut *transaction)
        .await?;
        events::conclude(transaction, revision, event).await
    }

    /// What a connector has run, the latest first.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn history(&self, connector: &str) -> Result<Vec<Past>> {
        let rows = sqlx::query(
            "SELECT * FROM activation_history WHERE connector = $1 ORDER BY revision DESC",
        )
        .bind(connector)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(past).collect()
    }

    /// Holds an upgrade until an operator allows it; an earlier one gives way.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn propose(
        &self,
        connector: &str,
        digest: &Digest,
        difference: &Value,
        event: NewEvent<'_>,
    ) -> Result<i64> {
        let (mut transaction, revision) = self.begin().await?;
        sqlx::query(
            "INSERT INTO pending (connector, digest, difference, revision, proposed_by, \
             proposed_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (connector) DO UPDATE SET \
             digest = excluded.digest, difference = excluded.difference, \
             revision = excluded.revision, proposed_by = excluded.proposed_by, \
             proposed_at = excluded.proposed_at",
        )
        .bind(connector)
        .bind(digest.as_str())
        .bind(difference.to_string())
        .bind(revision)
        .bind(event.actor)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        events::conclude(transaction, revision, event).await
    }

    /// Gives up a pending upgrade.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when it is not pending any more.
    pub async fn withdraw(
        &self,
        connector: &str,
        digest: &Digest,
        event: NewEvent<'_>,
    ) -> Result<i64> {
        let (mut transaction, revision) = self.begin().await?;
        if !delete_pending(&mut transaction, connector, digest).await? {
            return Err(Error::Conflict("it is not pending any more"));
        }
        events::conclude(transaction, revision, event).await
    }

    /// Begins to try a component out; a canary before it gives way.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn start_canary(
        &self,
        connector: &str,
        digest: &Digest,
        rules: &Value,
        event: NewEvent<'_>,
    ) -> Result<i64> {
        let (mut transaction, revision) = self.begin().await?;
        sqlx::query(
            "INSERT INTO canaries (connector, digest, rules, revision, started_by, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (connector) DO UPDATE SET \
             digest = excluded.digest, rules = excluded.rules, revision = excluded.revision, \
             started_by = excluded.started_by, started_at = excluded.started_at",
        )
        .bind(connector)
        .bind(digest.as_str())
        .bind(rules.to_string())
        .bind(revision)
        .bind(event.actor)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        events::conclude(transaction, revision, event).await
    }

    /// Ends a canary without promoting it.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when it is no canary any more.
    pub async fn end_canary(
        &self,
        connector: &str,
        digest: &Digest,
        event: NewEvent<'_>,
    ) -> Result<i64> {
        let (mut transaction, revision) = self.begin().await?;
        if !delete_canary(&mut transaction, connector, digest).await? {
            return Err(Error::Conflict("it is no canary any more"));
        }
        events::conclude(transaction, revision, event).await
    }
}

async fn delete_pending(
    transaction: &mut Transaction<'static, Any>,
    connector: &str,
    digest: &Digest,
) -> Result<bool> {
    let query = "DELETE FROM pending WHERE connector = $1 AND digest = $2";
    let deleted = sqlx::query(query).bind(connector).bind(digest.as_str());
    Ok(deleted.execute(&mut **transaction).await?.rows_affected() > 0)
}

async fn delete_canary(
    transaction: &mut Transaction<'static, Any>,
    connector: &str,
    digest: &Digest,
) -> Result<bool> {
    let query = "DELETE FROM canaries WHERE connector = $1 AND digest = $2";
    let deleted = sqlx::query(query).bind(connector).bind(digest.as_str());
    Ok(deleted.execute(&mut **transaction).await?.rows_affected() > 0)
}

fn past(row: &AnyRow) -> Result<Past> {
    Ok(Past {
        digest: text(row, "digest")?,
        how: text(row, "how")?,
        revision: row.try_get("revision")?,
        by: row.try_get("activated_by")?,
        at: row.try_get("activated_at")?,
    })
}

impl How {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Activated, "activated"),
        (Self::Approved, "approved"),
        (Self::Promoted, "promoted"),
        (Self::RolledBack, "rolled-back"),
    ];
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(how, _)| how == self);
        f.write_str(name.map(|(_, name)| *name).unwrap_or_default())
    }
}

impl FromStr for How {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let how = Self::ALL.into_iter().find(|(_, name)| *name == text);
        how.map(|(how, _)| how).ok_or_else(|| format!("`{text}`"))
    }
}
