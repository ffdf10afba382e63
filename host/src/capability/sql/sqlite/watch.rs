//! How long a statement runs. SQLite computes on a thread of its own and asks
//! now and then whether it should go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sqlx::SqliteConnection;

/// Steps of its virtual machine between two questions: some ten microseconds.
const STEPS: i32 = 1000;

/// Stops the statement of an operation when it takes too long, or when nobody
/// waits for it any more.
#[derive(Debug)]
pub(super) struct Watch {
    start: Instant,
    /// Milliseconds from the start.
    end: Arc<AtomicU64>,
}

impl Watch {
    pub(super) async fn of(connection: &mut SqliteConnection) -> sqlx::Result<Self> {
        let start = Instant::now();
        let end = Arc::new(AtomicU64::new(u64::MAX));
        let seen = end.clone();
        let goes_on = move || millis(start.elapsed()) < seen.load(Relaxed);
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(STEPS, goes_on);
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
