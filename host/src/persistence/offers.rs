//! What a plugin file or the configuration has offered to connectors before.

use super::{Persistence, Result};
use crate::digest::Digest;

impl Persistence {
    /// Whether a component was offered to a connector before.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn was_offered(&self, connector: &str, digest: &Digest) -> Result<bool> {
        let query = "SELECT 1 AS one FROM offers WHERE connector = $1 AND digest = $2";
        let found = sqlx::query(query).bind(connector).bind(digest.as_str());
        Ok(found.fetch_optional(&self.pool).await?.is_some())
    }

    /// Notes that a component was offered to a connector by a file or by the
    /// configuration. Returns whether that is new.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn offer(&self, connector: &str, digest: &Digest) -> Result<bool> {
        let query = "INSERT INTO offers (connector, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let added = sqlx::query(query).bind(connector).bind(digest.as_str());
        Ok(added.execute(&self.pool).await?.rows_affected() > 0)
    }
}
