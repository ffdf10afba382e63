//! What a pipeline knows of itself, and whether messages may be taken.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

/// The state of one pipeline.
#[derive(Debug)]
pub(super) struct Health {
    started: SystemTime,
    since: Instant,
    state: Mutex<State>,
    /// From when on messages may be taken; none until it has started.
    usable: watch::Sender<Option<Instant>>,
}

#[derive(Debug, Default)]
struct State {
    /// Why it does not work, if it does not.
    failing: Option<String>,
    /// By processor: why it failed, if it did.
    processors: BTreeMap<String, Option<String>>,
}

/// A look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) started: SystemTime,
    pub(super) uptime: Duration,
    pub(super) failing: Option<String>,
    pub(super) processors: BTreeMap<String, Option<String>>,
}

impl Health {
    pub(super) fn new() -> Self {
        let state = State {
            failing: Some("starting".to_owned()),
            ..State::default()
        };
        Self {
            started: SystemTime::now(),
            since: Instant::now(),
            state: Mutex::new(state),
            usable: watch::Sender::new(None),
        }
    }

    pub(super) fn look(&self) -> Look {
        let state = self.lock();
        Look {
            started: self.started,
            uptime: self.since.elapsed(),
            failing: state.failing.clone(),
            processors: state.processors.clone(),
        }
    }

    /// It has not started yet.
    pub(super) fn failing(&self, why: &str) {
        self.lock().failing = Some(why.to_owned());
    }

    /// Messages may be taken from now on.
    pub(super) fn working(&self) {
        self.lock().failing = None;
        self.usable.send_replace(Some(Instant::now()));
    }

    /// Leaves messages alone for some time.
    pub(super) fn pause(&self, why: &str, pause: Duration) {
        self.lock().failing = Some(why.to_owned());
        self.usable.send_replace(Some(Instant::now() + pause));
    }

    pub(super) fn processor(&self, name: &str, failed: Option<String>) {
        self.lock().processors.insert(name.to_owned(), failed);
    }

    /// Why processors failed.
    pub(super) fn why_failed(&self) -> String {
        let state = self.lock();
        let failed = state.processors.iter();
        let failed = failed.filter_map(|(name, why)| Some(format!("{name}: {}", why.as_ref()?)));
        failed.collect::<Vec<_>>().join("; ")
    }

    /// Whether the latest that was heard is good.
    pub(super) fn is_certain(&self) -> bool {
        self.lock().failing.is_none()
    }

    /// Until it has started, and no pause is left.
    pub(super) async fn over(&self) {
        let mut usable = self.usable.subscribe();
        loop {
            let at = *usable.borrow_and_update();
            match at {
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::time::sleep_until(at).await,
                // Lives as long as the sender, which is here.
                None => _ = usable.changed().await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_is_taken_before_the_start_nor_in_a_pause() {
        let health = Health::new();
        let waiting = tokio::time::timeout(Duration::from_secs(60), health.over());
        assert!(waiting.await.is_err());
        assert_eq!(health.look().failing.as_deref(), Some("starting"));
        health.working();
        health.over().await;
        assert!(health.is_certain());
        health.pause("no database", Duration::from_secs(2));
        assert_eq!(health.look().failing.as_deref(), Some("no database"));
        let began = Instant::now();
        health.over().await;
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert!(!health.is_certain());
    }
}
