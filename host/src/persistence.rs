//! What outlives the process: admitted components, activations, and who did
//! what.
//!
//! SQLite without a server, or PostgreSQL for many hosts; the statements are
//! the subset that both understand, and the same suite runs on both. Every
//! change is one transaction that also takes the next *revision*, so that
//! changes have one order on all hosts, and a host that polls the revision
//! knows when to look again.

mod activations;
mod components;
mod connect;
mod events;
mod offers;
mod reach;
mod retention;
mod schema;
mod snapshot;

pub use activations::{Activation, Canary, How, Past, Pending};
pub use components::Component;
pub use events::{Event, Filter, NewEvent};
pub use retention::{Pruned, Retention};
pub use snapshot::Snapshot;

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::any::AnyRow;
use sqlx::migrate::MigrateError;
use sqlx::{Any, AnyPool, Row as _, Transaction};

use self::connect::Place;
use self::reach::Reach;

/// Waiting for the database at start and in each operation.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where durable state is kept. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Persistence {
    pool: AnyPool,
    reach: Reach,
}

/// Durable state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error("cannot open the database {database}: {cause}")]
    Open {
        /// Which one: a file, or host, port and name.
        database: String,
        /// What is wrong.
        cause: sqlx::Error,
    },
    /// A URL that is of neither kind. Not quoted: it may hold a password.
    #[error("the database's URL is neither `sqlite:<path>` nor `postgres://user@server/name`")]
    Url,
    /// A parameter in the URL that nobody knows.
    #[error("the database's URL has the unknown parameter `{0}`; remove it, or correct its name")]
    Parameter(String),
    /// A newer version was here.
    #[error(
        "a newer version has brought the database to step {0}; run that version, or restore \
         the backup made before the upgrade"
    )]
    Newer(i64),
    /// Its schema cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    /// It does not answer. What was asked for may or may not have happened.
    #[error("the database cannot be reached: {0}")]
    Unreachable(sqlx::Error),
    /// A statement failed.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// A row holds what this version does not understand.
    #[error("the database holds an unreadable {what}: {why}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Somebody else was faster.
    #[error("{0}")]
    Conflict(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        // PostgreSQL's class 57: it is about to stop, or just starting.
        let code = error.as_database_error().and_then(|error| error.code());
        let stopping = code.is_some_and(|code| code.starts_with("57P"));
        match error {
            Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed => Self::Unreachable(error),
            _ if stopping => Self::Unreachable(error),
            _ => Self::Database(error),
        }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(step) => Self::Newer(step),
            other => Self::Migrate(other),
        }
    }
}

/// What every operation returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Persistence {
    /// Opens the database of a URL, `sqlite:<path>` or `postgres://…`, makes
    /// it if it is a missing file, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::Url`], [`Error::Parameter`], [`Error::Open`], [`Error::Newer`]
    /// or [`Error::Migrate`].
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_within(url, ACQUIRE_TIMEOUT).await
    }

    async fn open_within(url: &str, timeout: Duration) -> Result<Self> {
        let place = Place::new(url)?;
        let pool = place.connect(timeout).await?;
        schema::migrate(&pool, place.is_embedded()).await?;
        // Whoever starts beside a disk that cannot be written should know now.
        sqlx::query("UPDATE revision SET value = value")
            .execute(&pool)
            .await?;
        Ok(Self {
            pool,
            reach: Reach::default(),
        })
    }

    /// The URL of an SQLite file, made when it is missing.
    pub fn url_of(file: &Path) -> String {
        connect::url_of(file)
    }

    /// Whether the latest look at the revision succeeded.
    pub fn is_reachable(&self) -> bool {
        !self.reach.is_lost()
    }

    /// Grows with every change, by whichever host. Asked for every few
    /// moments; it is also how the host knows whether the database is there.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] or [`Error::Database`].
    pub async fn revision(&self) -> Result<i64> {
        let row = sqlx::query("SELECT value FROM revision").fetch_one(&self.pool);
        let row = row.await.map_err(Error::from);
        self.reach.note(row.as_ref().err());
        Ok(row?.try_get("value")?)
    }

    /// Begins a change. Whoever comes next waits here, so that revisions have
    /// the order of their commits.
    async fn begin(&self) -> Result<(Transaction<'static, Any>, i64)> {
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query("UPDATE revision SET value = value + 1 RETURNING value")
            .fetch_one(&mut *transaction)
            .await?;
        let revision = row.try_get("value")?;
        Ok((transaction, revision))
    }
}

/// Milliseconds since 1970, as all times are stored.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// A column that is stored as text.
fn text<T>(row: &AnyRow, what: &'static str) -> Result<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text: String = row.try_get(what)?;
    text.parse().map_err(|error: T::Err| Error::Unreadable {
        what,
        why: error.to_string(),
    })
}

/// A column that is stored as text and may be empty.
fn optional<T>(row: &AnyRow, what: &'static str) -> Result<Option<T>>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let is_empty = row.try_get::<String, _>(what)?.is_empty();
    if is_empty {
        Ok(None)
    } else {
        text(row, what).map(Some)
    }
}

#[cfg(test)]
mod tests;
