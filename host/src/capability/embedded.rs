//! Files of SQLite, which stand in where there is no server.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::OnceCell;

use super::{Refusal, Result};

/// Memory of all of SQLite in this process: many times what its caches take. A
/// statement that wants more fails by itself, before the process does.
const HEAP_BYTES_MAX: &str = "536870912";

/// A file, opened when it is first needed.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    writable: bool,
    connections_max: u32,
    timeout: Duration,
    pool: OnceCell<SqlitePool>,
}

impl File {
    /// `timeout` is the longest wait for a connection, and for others who
    /// write.
    pub(super) fn new(
        path: PathBuf,
        writable: bool,
        connections_max: u32,
        timeout: Duration,
    ) -> Self {
        Self {
            path,
            writable,
            connections_max,
            timeout,
            pool: OnceCell::new(),
        }
    }

    /// Connections to the file, which is made first when it is missing and may
    /// be written. `schema` is run on it then and each time it is opened.
    pub(super) async fn pool(&self, schema: &'static str) -> sqlx::Result<&SqlitePool> {
        let open = || async {
            if self.writable {
                make(&self.path)?;
            }
            let options = SqliteConnectOptions::new()
                .filename(&self.path)
                .read_only(!self.writable)
                .foreign_keys(true)
                .busy_timeout(self.timeout)
                .pragma("hard_heap_limit", HEAP_BYTES_MAX)
                // What the library keeps of a statement does not change with
                // the tables it is about.
                .statement_cache_capacity(0);
            let options = match self.writable {
                // Readers and the one writer do not wait for each other; what
                // was committed survives a power cut.
                true => options
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full),
                false => options,
            };
            let pool = SqlitePoolOptions::new()
                .max_connections(self.connections_max)
                .acquire_timeout(self.timeout)
                // A file needs no keeping alive.
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .connect_with(options)
                .await?;
            if self.writable && !schema.is_empty() {
                sqlx::raw_sql(schema).execute(&pool).await?;
            }
            Ok(pool)
        };
        self.pool.get_or_try_init(open).await
    }
}

/// Makes the file and the folders above it, for nobody else to read.
fn make(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    if let Some(folder) = folder {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What SQLite's refusal is for a plugin; `subject` names what was used. See
/// <https://www.sqlite.org/rescode.html>.
pub(super) fn refusal(error: &sqlx::Error, subject: &str) -> Refusal {
    let Some(cause) = error.as_database_error() else {
        return match error {
            sqlx::Error::PoolTimedOut => {
                Refusal::unavailable("no connection became free in time", subject)
            }
            sqlx::Error::Io(cause) => {
                tracing::warn!(%cause, subject, "a file of SQLite cannot be used");
                Refusal::unavailable("the file cannot be used", subject)
            }
            sqlx::Error::WorkerCrashed => Refusal::unavailable("the connection was lost", subject),
            other => Refusal::invalid(
                format!("the statement cannot be run here: {other}"),
                subject,
            ),
        };
    };
    let code = cause.code().and_then(|code| code.parse::<u32>().ok());
    let message = cause.message();
    // The lowest byte is the kind; the others say more about it.
    match code.unwrap_or_default() & 0xFF {
        // PERM, READONLY, AUTH
        3 | 8 | 23 => Refusal::denied(message, subject),
        // BUSY, LOCKED
        5 | 6 => Refusal::unavailable("others write to it", subject),
        // NOMEM, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB
        7 | 10 | 11 | 13 | 14 | 15 | 26 => {
            tracing::warn!(error = message, subject, "a file of SQLite cannot be used");
            Refusal::unavailable(message, subject)
        }
        // CONSTRAINT
        19 => Refusal::conflict(message, subject),
        _ => Refusal::invalid(message, subject),
    }
}

/// Whether a statement was stopped.
pub(super) fn is_interrupt(error: &sqlx::Error) -> bool {
    let cause = error.as_database_error();
    cause
        .and_then(|cause| cause.code())
        .is_some_and(|code| code == "9")
}

/// Ends the use of a file with a failure.
pub(super) fn failed<T>(outcome: sqlx::Result<T>, subject: &str) -> Result<T> {
    outcome.map_err(|error| refusal(&error, subject))
}
