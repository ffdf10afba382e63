//! What connectors run, try out and wait for, read at once.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Activation, Canary, Pending, Persistence, Result, text};

/// No connector has this name, so it stands for all of them.
const EVERY: &str = "";

/// Everything a host must know to serve, at one revision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// The latest change it contains.
    pub revision: i64,
    /// By connector.
    pub activations: BTreeMap<String, Activation>,
    /// By connector.
    pub canaries: BTreeMap<String, Canary>,
    /// By connector.
    pub pending: BTreeMap<String, Pending>,
}

impl Persistence {
    /// All activations, canaries and pending upgrades.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn snapshot(&self) -> Result<Snapshot> {
        self.read(EVERY).await
    }

    /// Those of one connector.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn snapshot_of(&self, connector: &str) -> Result<Snapshot> {
        self.read(connector).await
    }

    async fn read(&self, connector: &str) -> Result<Snapshot> {
        // The revision first: what changes in between is looked at again.
        let mut snapshot = Snapshot {
            revision: self.revision().await?,
            ..Snapshot::default()
        };
        let query = "SELECT * FROM activations WHERE $1 = '' OR connector = $1";
        for row in self.rows(query, connector).await? {
            let activation = Activation {
                digest: text(&row, "digest")?,
                revision: row.try_get("revision")?,
                by: row.try_get("activated_by")?,
                at: row.try_get("activated_at")?,
            };
            let connector = row.try_get("connector")?;
            snapshot.activations.insert(connector, activation);
        }
        let query = "SELECT * FROM canaries WHERE $1 = '' OR connector = $1";
        for row in self.rows(query, connector).await? {
            let canary = Canary {
                digest: text(&row, "digest")?,
                rules: text(&row, "rules")?,
                revision: row.try_get("revision")?,
                by: row.try_get("started_by")?,
                at: row.try_get("started_at")?,
            };
            snapshot.canaries.insert(row.try_get("connector")?, canary);
        }
        let query = "SELECT * FROM pending WHERE $1 = '' OR connector = $1";
        for row in self.rows(query, connector).await? {
            let pending = Pending {
                digest: text(&row, "digest")?,
                difference: text(&row, "difference")?,
                revision: row.try_get("revision")?,
                by: row.try_get("proposed_by")?,
                at: row.try_get("proposed_at")?,
            };
            snapshot.pending.insert(row.try_get("connector")?, pending);
        }
        Ok(snapshot)
    }

    async fn rows(&self, query: &'static str, connector: &str) -> Result<Vec<AnyRow>> {
        let rows = sqlx::query(query).bind(connector);
        Ok(rows.fetch_all(&self.pool).await?)
    }
}
