//! How long a statement runs. SQLite computes on a thread of its own and asks
//! now and then whether it should go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use libsqlite3_sys::{SQLITE_LIMIT_LENGTH, sqlite3_limit};
use sqlx::SqliteConnection;
use sqlx::sqlite::LockedSqliteHandle;

/// Steps of its virtual machine between two questions: some ten microseconds.
const STEPS: i32 = 1000;

/// Longest text or blob, unless more may be returned: twice what a guest of the
/// default limits can pass in. SQLite itself makes a gigabyte of a few letters.
const VALUE_BYTES: u64 = 32 << 20;

/// Stops the statement of an operation when it takes too long, or when nobody
/// waits for it any more.
#[derive(Debug)]
pub(super) struct Watch {
    start: Instant,
    /// Milliseconds from the start.
    end: Arc<AtomicU64>,
}

impl Watch {
    pub(super) async fn of(
        connection: &mut SqliteConnection,
        result_bytes_max: u64,
    ) -> sqlx::Result<Self> {
        let start = Instant::now();
        let end = Arc::new(AtomicU64::new(u64::MAX));
        let seen = end.clone();
        let goes_on = move || millis(start.elapsed()) < seen.load(Relaxed);
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(STEPS, goes_on);
        limit_values(&mut handle, VALUE_BYTES.max(result_bytes_max));
        Ok(Self { start, end })
    }

    /// A statement begins.
    pub(super) fn begin(&self, timeout: Duration) {
        let end = self.start.elapsed().saturating_add(timeout);
        self.end.store(millis(end), Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end.store(0, Relaxed);
    }
}

/// A longer value is an error of its statement, before any memory is had for
/// it.
fn limit_values(handle: &mut LockedSqliteHandle<'_>, bytes_max: u64) {
    let bytes_max = i32::try_from(bytes_max).unwrap_or(i32::MAX);
    let connection = handle.as_raw_handle();
    // SAFETY: the connection is open, and locked for as long as its handle is.
    #[expect(unsafe_code, reason = "sqlx has no way to set it")]
    unsafe {
        sqlite3_limit(connection.as_ptr(), SQLITE_LIMIT_LENGTH, bytes_max);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
