//! Messages that were given up.

use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::letter::{self, Letter};
use super::{Error, Persistence, Result, now};

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Names it, in the order they failed.
    pub id: String,
    /// Whose it was.
    pub pipeline: String,
    /// The object it is about, where that could be told.
    pub uuid: Option<String>,
    /// What was sent.
    pub letter: Letter,
    /// The outcome's name.
    pub kind: String,
    /// What went wrong, for a person.
    pub reason: String,
    /// The processors that failed.
    pub plugins: Vec<String>,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// One that is to be kept.
#[derive(Debug, Clone)]
pub struct NewFailure<'f> {
    /// As in [`Failure`].
    pub pipeline: &'f str,
    /// As in [`Failure`].
    pub uuid: Option<&'f str>,
    /// As in [`Failure`].
    pub letter: Letter,
    /// As in [`Failure`].
    pub kind: &'f str,
    /// As in [`Failure`].
    pub reason: &'f str,
    /// As in [`Failure`].
    pub plugins: &'f [String],
}

/// Which failures are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failed {
    /// Only this pipeline's.
    pub pipeline: Option<String>,
    /// Only those about this object.
    pub uuid: Option<String>,
    /// Only those after this one, by its name.
    pub after: Option<String>,
    /// Only those that failed before this moment; milliseconds since 1970.
    pub before: Option<i64>,
    /// Only those of this processor.
    pub plugin: Option<String>,
}

const MEANT: &str = "($1 = '' OR pipeline = $1) AND ($2 = '' OR uuid = $2) AND id > $3 \
                     AND failed_at < $4 AND ($5 = '' OR REPLACE(plugins, $5, '') <> plugins)";

impl Persistence {
    /// Keeps a message that was given up.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] or [`Error::Database`].
    pub async fn keep_failure(&self, failure: NewFailure<'_>) -> Result<()> {
        let letter = &failure.letter;
        sqlx::query(
            "INSERT INTO failures (id, pipeline, uuid, body, only_one, attempt, origin, kind, \
             reason, plugins, failed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(failure.pipeline)
        .bind(failure.uuid.unwrap_or_default())
        .bind(letter.body.as_slice())
        .bind(letter.only.as_str())
        .bind(i64::from(letter.attempt))
        .bind(letter.origin.as_str())
        .bind(failure.kind)
        // PostgreSQL keeps no NUL.
        .bind(failure.reason.replace('\0', ""))
        .bind(text_of(failure.plugins))
        .bind(now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Failures in the order they happened.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::keep_failure`], or [`Error::Unreadable`].
    pub async fn failures(&self, failed: &Failed, max: u32) -> Result<Vec<Failure>> {
        let query = format!("SELECT * FROM failures WHERE {MEANT} ORDER BY id LIMIT $6");
        let rows = meant(sqlx::AssertSqlSafe(query), failed);
        let rows = rows.bind(i64::from(max)).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Forgets a failure, or one processor's part in it. False where somebody
    /// else has changed it.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::keep_failure`].
    pub async fn forget_failure(&self, failure: &Failure, plugin: Option<&str>) -> Result<bool> {
        let others = failure.plugins.iter().map(String::as_str);
        let others: Vec<_> = others.filter(|it| Some(*it) != plugin).collect();
        let query = match others.as_slice() {
            others @ [_, ..] if plugin.is_some() => {
                let query = "UPDATE failures SET plugins = $3 WHERE id = $1 AND plugins = $2";
                query_of(query, failure).bind(text_of(others))
            }
            _ => query_of(
                "DELETE FROM failures WHERE id = $1 AND plugins = $2",
                failure,
            ),
        };
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Forgets failures, and says how many.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::keep_failure`].
    pub async fn purge_failures(&self, failed: &Failed) -> Result<u64> {
        let query = format!("DELETE FROM failures WHERE {MEANT}");
        let purged = meant(sqlx::AssertSqlSafe(query), failed).execute(&self.pool);
        Ok(purged.await?.rows_affected())
    }
}

fn meant(
    query: sqlx::AssertSqlSafe<String>,
    failed: &Failed,
) -> sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    sqlx::query(query)
        .bind(text(&failed.pipeline))
        .bind(text(&failed.uuid))
        .bind(text(&failed.after))
        .bind(failed.before.unwrap_or(i64::MAX))
        // As it stands in the list, with its quotes.
        .bind(
            failed
                .plugin
                .as_ref()
                .map_or_else(String::new, |it| quoted(it)),
        )
}

/// Of this failure, if nobody has changed it.
fn query_of(
    query: &'static str,
    failure: &Failure,
) -> sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments> {
    sqlx::query(query)
        .bind(failure.id.clone())
        .bind(text_of(&failure.plugins))
}

fn text_of<T: AsRef<str>>(plugins: &[T]) -> String {
    let quoted: Vec<_> = plugins.iter().map(|it| quoted(it.as_ref())).collect();
    format!("[{}]", quoted.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn read(row: &AnyRow) -> Result<Failure> {
    let uuid: String = row.try_get("uuid")?;
    let plugins: String = row.try_get("plugins")?;
    Ok(Failure {
        id: row.try_get("id")?,
        pipeline: row.try_get("pipeline")?,
        uuid: Some(uuid).filter(|uuid| !uuid.is_empty()),
        letter: letter::read(row)?,
        kind: row.try_get("kind")?,
        reason: row.try_get("reason")?,
        plugins: serde_json::from_str(&plugins).map_err(|error| Error::Unreadable {
            what: "plugins",
            why: error.to_string(),
        })?,
        at: row.try_get("failed_at")?,
    })
}
