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
mod events;
mod retention;
mod schema;

pub use activations::{Activation, Canary, How, Past, Pending, Snapshot};
pub use components::Component;
pub use events::{Event, Filter, NewEvent};
pub use retention::{Pruned, Retention};

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyPool, Executor as _, Row as _, Transaction};

/// Waiting for the database at start and in each operation.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Catalogs are read and written rarely; a host shares the server with others.
const CONNECTIONS_MAX: u32 = 4;

/// Where durable state is kept. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Persistence {
    pool: AnyPool,
}

/// Durable state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error("cannot open the database: {0}")]
    Open(sqlx::Error),
    /// Its schema cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
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

/// What every operation returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Persistence {
    /// Opens the database of a URL, `sqlite:<path>` or `postgres://…`, makes
    /// it if it is a missing file, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] or [`Error::Migrate`].
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let embedded = url.starts_with("sqlite:");
        let options = if embedded {
            // One writer is all that SQLite has.
            AnyPoolOptions::new().max_connections(1)
        } else {
            AnyPoolOptions::new().max_connections(CONNECTIONS_MAX)
        };
        let options = options.acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = options
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if embedded {
                        // An activation that was confirmed survives a power cut.
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA busy_timeout = 10000",
                        ] {
                            connection.execute(pragma).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect(url)
            .await
            .map_err(Error::Open)?;
        schema::migrate(&pool, embedded).await?;
        Ok(Self { pool })
    }

    /// The URL of an SQLite file, made when it is missing.
    pub fn url_of(file: &Path) -> String {
        format!("sqlite:{}?mode=rwc", file.display())
    }

    /// Grows with every change, by whichever host.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn revision(&self) -> Result<i64> {
        let row = sqlx::query("SELECT value FROM revision").fetch_one(&self.pool);
        Ok(row.await?.try_get("value")?)
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
