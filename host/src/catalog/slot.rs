//! One connector's place in the catalog.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Configured;
use crate::digest::Digest;
use crate::dispatch::Connector;

/// A connector, and what this host has taken over of its activations.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) configured: Configured,
    pub(super) connector: Arc<Connector>,
    /// Held while something changes: one change at a time.
    pub(super) changing: tokio::sync::Mutex<()>,
    /// The revision of the activation it runs; 0 before the first.
    activation: AtomicI64,
    /// The revision of the canary it tries out; 0 without one.
    canary: AtomicI64,
    /// What its file or configuration offered last.
    seen: Mutex<Option<Digest>>,
}

impl Slot {
    /// A connector that goes on from what it was before, if it was.
    pub(super) fn new(configured: Configured, connector: Connector, before: Option<&Self>) -> Self {
        Self {
            seen: Mutex::new(before.and_then(|before| before.lock().clone())),
            configured,
            connector: Arc::new(connector),
            changing: tokio::sync::Mutex::default(),
            activation: AtomicI64::new(0),
            canary: AtomicI64::new(0),
        }
    }

    pub(super) fn activation(&self) -> i64 {
        self.activation.load(Ordering::Acquire)
    }

    /// Notes which activation it runs; it ends every canary.
    pub(super) fn activated(&self, revision: i64) {
        self.activation.store(revision, Ordering::Release);
        self.canary.store(0, Ordering::Release);
    }

    pub(super) fn canary(&self) -> i64 {
        self.canary.load(Ordering::Acquire)
    }

    pub(super) fn tries_out(&self, revision: i64) {
        self.canary.store(revision, Ordering::Release);
    }

    /// Whether this is still what was offered last.
    pub(super) fn sees(&self, key: &Digest) -> bool {
        self.lock().as_ref() == Some(key)
    }

    /// Notes what is offered now. Whether it is something else than before.
    pub(super) fn see(&self, key: Option<Digest>) -> bool {
        let mut seen = self.lock();
        let differs = *seen != key;
        *seen = key;
        differs
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Digest>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
