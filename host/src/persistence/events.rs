//! The audit trail.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::{Persistence, Result, now, optional, text};
use crate::digest::Digest;

/// What somebody did, or what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place in the order of all events.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// An operator's name, or the part of the host that acted.
    pub actor: String,
    /// Such as `activated` or `admission-refused`.
    pub action: String,
    /// The connector it is about.
    pub connector: Option<String>,
    /// The component it is about.
    pub digest: Option<Digest>,
    /// More, by action.
    pub detail: Value,
}

/// An event that is to be noted.
#[derive(Debug, Clone)]
pub struct NewEvent<'e> {
    /// As in [`Event`].
    pub actor: &'e str,
    /// As in [`Event`].
    pub action: &'e str,
    /// As in [`Event`].
    pub connector: Option<&'e str>,
    /// As in [`Event`].
    pub digest: Option<&'e Digest>,
    /// As in [`Event`].
    pub detail: Value,
}

/// Which events are wanted.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only those after this id.
    pub after: i64,
    /// Only those of this connector.
    pub connector: Option<String>,
    /// At most so many: the oldest after `after`, or the latest of all when
    /// `after` is 0.
    pub max: u32,
}

impl Persistence {
    /// Notes an event that changes nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn note(&self, event: NewEvent<'_>) -> Result<i64> {
        let (transaction, revision) = self.begin().await?;
        conclude(transaction, revision, event).await
    }

    /// Events in the order they happened.
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database).
    pub async fn events(&self, filter: &Filter) -> Result<Vec<Event>> {
        let connector = filter.connector.as_deref().unwrap_or_default();
        let query = if filter.after > 0 {
            "SELECT * FROM events WHERE id > $1 AND ($2 = '' OR connector = $2) \
             ORDER BY id LIMIT $3"
        } else {
            "SELECT * FROM (SELECT * FROM events WHERE id > $1 AND ($2 = '' OR connector = $2) \
             ORDER BY id DESC LIMIT $3) AS latest ORDER BY id"
        };
        let rows = sqlx::query(query)
            .bind(filter.after)
            .bind(connector)
            .bind(i64::from(filter.max))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}

/// Ends a change with its event, and makes both last. Returns the change's
/// revision.
pub(super) async fn conclude(
    mut transaction: Transaction<'static, Any>,
    revision: i64,
    event: NewEvent<'_>,
) -> Result<i64> {
    insert(&mut transaction, revision, event).await?;
    transaction.commit().await?;
    Ok(revision)
}

/// Notes an event as part of a change.
pub(super) async fn insert(
    transaction: &mut Transaction<'static, Any>,
    revision: i64,
    event: NewEvent<'_>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO events (id, at, actor, action, connector, digest, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(revision)
    .bind(now())
    .bind(event.actor)
    .bind(event.action)
    .bind(event.connector.unwrap_or_default())
    .bind(event.digest.map(Digest::as_str).unwrap_or_default())
    .bind(event.detail.to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Event> {
    Ok(Event {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        connector: optional(row, "connector")?,
        digest: optional(row, "digest")?,
        detail: text(row, "detail")?,
    })
}
