//! Admitted components and their bytes.

use serde_json::Value;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::events::{self, NewEvent};
use super::{Persistence, Result, now, optional, text};
use crate::digest::Digest;

/// A component that was admitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The plugin's name, as it describes itself.
    pub name: String,
    /// The plugin's version, as it describes itself.
    pub version: String,
    /// Length in bytes.
    pub size: u64,
    /// What was found in the file.
    pub facts: Value,
    /// Where it came from, for people.
    pub source: String,
    /// The OCI reference its bytes are fetched from when they are not kept.
    pub reference: Option<String>,
    /// Who brought it.
    pub admitted_by: String,
    /// Milliseconds since 1970; set when it is stored.
    pub admitted_at: i64,
}

impl Persistence {
    /// Stores a component, and its bytes unless they are left in a registry.
    /// Returns whether it is new; nothing changes when it is not.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn add_component(
        &self,
        component: &Component,
        bytes: Option<&[u8]>,
        event: NewEvent<'_>,
    ) -> Result<bool> {
        let (mut transaction, revision) = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO components (digest, name, version, size, facts, source, reference, \
             admitted_by, admitted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (digest) DO NOTHING",
        )
        .bind(component.digest.as_str())
        .bind(component.name.as_str())
        .bind(component.version.as_str())
        .bind(i64::try_from(component.size).unwrap_or(i64::MAX))
        .bind(component.facts.to_string())
        .bind(component.source.as_str())
        .bind(component.reference.as_deref().unwrap_or_default())
        .bind(component.admitted_by.as_str())
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(bytes) = bytes {
            sqlx::query("INSERT INTO component_bytes (digest, bytes) VALUES ($1, $2)")
                .bind(component.digest.as_str())
                .bind(bytes)
                .execute(&mut *transaction)
                .await?;
        }
        events::conclude(transaction, revision, event).await?;
        Ok(true)
    }

    /// Everything admitted, the latest first.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn components(&self) -> Result<Vec<Component>> {
        let query = "SELECT * FROM components ORDER BY admitted_at DESC, digest";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// One component.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn component(&self, digest: &Digest) -> Result<Option<Component>> {
        let query = sqlx::query("SELECT * FROM components WHERE digest = $1");
        let row = query.bind(digest.as_str()).fetch_optional(&self.pool);
        row.await?.as_ref().map(read).transpose()
    }

    /// The bytes of a component, if they are kept here.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn bytes(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let query = sqlx::query("SELECT bytes FROM component_bytes WHERE digest = $1");
        let row = query.bind(digest.as_str()).fetch_optional(&self.pool);
        Ok(row.await?.map(|row| row.try_get("bytes")).transpose()?)
    }
}

fn read(row: &AnyRow) -> Result<Component> {
    let size: i64 = row.try_get("size")?;
    Ok(Component {
        digest: text(row, "digest")?,
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        size: size.unsigned_abs(),
        facts: text(row, "facts")?,
        source: row.try_get("source")?,
        reference: optional(row, "reference")?,
        admitted_by: row.try_get("admitted_by")?,
        admitted_at: row.try_get("admitted_at")?,
    })
}
