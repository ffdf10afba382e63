//! Sandboxes kept between two calls of a connector in isolation `warm` or
//! `batch`.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Sandbox as _;
use super::sandbox::ComponentSandbox;
use crate::limits::{Batch, Warm};

/// Idle sandboxes kept for one connector: what two busy cores keep in use.
const KEPT_MAX: usize = 16;

/// Idle sandboxes of one connector, the latest used on top, so that a spike's
/// surplus sinks to the bottom and ages out.
pub(super) struct Pool {
    warm: Warm,
    idle: Mutex<Vec<Kept>>,
    /// Whether its version was replaced, and nothing is kept any more.
    closed: AtomicBool,
    /// Whether what is idle goes as soon as its time is over, not only when
    /// the host looks through everything.
    prompt: bool,
    /// Whether a task waits for that.
    waiting: AtomicBool,
}

struct Kept {
    sandbox: Box<ComponentSandbox>,
    since: Instant,
}

impl Pool {
    pub(super) fn new(warm: Warm) -> Arc<Self> {
        Self::made(warm, false)
    }

    /// One whose sandboxes are gone soon after the latest message.
    pub(super) fn of_batches(batch: Batch) -> Arc<Self> {
        let warm = Warm {
            calls_max: batch.messages_max,
            idle_ms: batch.idle_ms,
            memory_bytes_max: batch.memory_bytes_max,
        };
        Self::made(warm, true)
    }

    fn made(warm: Warm, prompt: bool) -> Arc<Self> {
        Arc::new(Self {
            warm,
            idle: Mutex::default(),
            closed: AtomicBool::new(false),
            prompt,
            waiting: AtomicBool::new(false),
        })
    }

    pub(super) fn take(&self) -> Option<Box<ComponentSandbox>> {
        let kept = self.lock().pop()?;
        // Dropped outside the lock when it is too old. Those below are older.
        (kept.since.elapsed() < self.idle_max()).then_some(kept.sandbox)
    }

    /// Hands back what is used up or too many.
    pub(super) fn keep(
        self: &Arc<Self>,
        sandbox: Box<ComponentSandbox>,
    ) -> Option<Box<ComponentSandbox>> {
        if sandbox.calls >= self.warm.calls_max
            || sandbox.memory_bytes() as u64 > self.warm.memory_bytes_max
        {
            return Some(sandbox);
        }
        let kept = Kept {
            sandbox,
            since: Instant::now(),
        };
        let mut idle = self.lock();
        if idle.len() >= KEPT_MAX || self.closed.load(Ordering::Relaxed) {
            return Some(kept.sandbox);
        }
        idle.push(kept);
        drop(idle);
        if self.prompt && !self.waiting.swap(true, Ordering::AcqRel) {
            tokio::spawn(Self::clear(Arc::downgrade(self), self.idle_max()));
        }
        None
    }

    /// Sweeps until nothing is idle.
    async fn clear(pool: Weak<Self>, period: Duration) {
        loop {
            tokio::time::sleep(period).await;
            let Some(pool) = pool.upgrade() else {
                return;
            };
            pool.sweep();
            let idle = pool.lock();
            if idle.is_empty() {
                // Under the lock: who keeps one afterwards starts another task.
                pool.waiting.store(false, Ordering::Release);
                return;
            }
        }
    }

    /// Drops what has been idle for too long.
    pub(super) fn sweep(&self) {
        let mut idle = self.lock();
        let young = idle.partition_point(|kept| kept.since.elapsed() >= self.idle_max());
        let old: Vec<_> = idle.drain(..young).collect();
        drop(idle);
        drop(old);
    }

    /// Keeps sandboxes, also after it was closed once.
    pub(super) fn open(&self) {
        self.closed.store(false, Ordering::Relaxed);
    }

    /// Drops what is idle, and keeps nothing from now on.
    pub(super) fn close(&self) {
        let mut idle = self.lock();
        // Under the lock: who keeps one afterwards sees it.
        self.closed.store(true, Ordering::Relaxed);
        let dropped = std::mem::take(&mut *idle);
        drop(idle);
        drop(dropped);
    }

    fn idle_max(&self) -> Duration {
        Duration::from_millis(self.warm.idle_ms)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        // Nothing is left half done under the lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("warm", &self.warm)
            .field("idle", &self.lock().len())
            .finish()
    }
}
