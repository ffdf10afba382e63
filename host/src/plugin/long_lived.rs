//! The one sandbox of a version in isolation `long-lived`, which stays from
//! call to call and keeps what the plugin remembers.
//!
//! One call is in it at a time; the next waits for its place, for a bounded
//! time. Whatever ends a call badly drops the sandbox, and the next call
//! starts another. While a version takes the state of the one before over, its
//! calls wait at the gate.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::sandbox::ComponentSandbox;
use crate::capability::Limit;
use crate::limits::LongLived;

/// Where the sandbox lives between two calls.
pub(super) struct Home {
    rules: LongLived,
    place: Arc<Semaphore>,
    slot: Mutex<Slot>,
    gate: Gate,
    retired: AtomicBool,
}

#[derive(Default)]
struct Slot {
    sandbox: Option<Box<ComponentSandbox>>,
    /// Asks the call in progress to return.
    cancel: Option<CancellationToken>,
    /// Whether what comes back is dropped.
    closed: bool,
}

/// The only place in the sandbox, held until the call has ended.
pub(super) struct Stay {
    home: Weak<Home>,
    _place: OwnedSemaphorePermit,
}

/// Keeps calls waiting until it is dropped. Clones count.
#[derive(Debug, Clone)]
pub struct Hold {
    /// What the connector allows a hand-over.
    pub rules: LongLived,
    _gate: Arc<Lowered>,
}

#[derive(Clone)]
struct Gate(watch::Sender<usize>);

#[derive(Debug)]
struct Lowered(watch::Sender<usize>);

impl Drop for Lowered {
    fn drop(&mut self) {
        self.0.send_modify(|holds| *holds = holds.saturating_sub(1));
    }
}

impl Gate {
    fn lower(&self) -> Lowered {
        self.0.send_modify(|holds| *holds += 1);
        Lowered(self.0.clone())
    }

    fn is_lowered(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until nobody holds it; every hold has a time limit of its own.
    async fn pass(&self) {
        if self.is_lowered() {
            // The sender is here, so that it cannot have gone.
            _ = self.0.subscribe().wait_for(|holds| *holds == 0).await;
        }
    }
}

impl Home {
    pub(super) fn new(rules: LongLived) -> Arc<Self> {
        Arc::new(Self {
            rules,
            place: Arc::new(Semaphore::new(1)),
            slot: Mutex::default(),
            gate: Gate(watch::Sender::new(0)),
            retired: AtomicBool::new(false),
        })
    }

    /// Gets a call its place and, unless it must be started, its sandbox.
    pub(super) async fn enter(
        self: &Arc<Self>,
        cancel: CancellationToken,
    ) -> Result<(Stay, Option<Box<ComponentSandbox>>), Failure> {
        loop {
            self.gate.pass().await;
            let wait = Duration::from_millis(self.rules.wait_ms);
            let place = tokio::time::timeout(wait, self.place.clone().acquire_owned()).await;
            if self.retired.load(Ordering::Acquire) {
                return Err(Failure::Replaced);
            }
            let Ok(Ok(place)) = place else {
                let allowed = format!("{} ms for the one sandbox", self.rules.wait_ms);
                return Err(Failure::Busy(Limit::new("isolation.wait_ms", allowed)));
            };
            if !self.gate.is_lowered() {
                return Ok(self.stay(place, cancel));
            }
        }
    }

    /// The same for a hand-over, which passes the gate: a call in progress is
    /// asked to return when it does not do so by itself.
    pub(super) async fn recall(
        self: &Arc<Self>,
        cancel: CancellationToken,
    ) -> Result<(Stay, Option<Box<ComponentSandbox>>), Failure> {
        let mut acquired = pin!(self.place.clone().acquire_owned());
        let grace = Duration::from_millis(self.rules.return_ms);
        let place = match tokio::time::timeout(grace, &mut acquired).await {
            Ok(place) => place,
            Err(_) => {
                if let Some(call) = self.slot().cancel.as_ref() {
                    call.cancel();
                }
                acquired.await
            }
        };
        // It is never closed.
        let place = place.map_err(|_| Failure::Replaced)?;
        Ok(self.stay(place, cancel))
    }

    fn stay(
        self: &Arc<Self>,
        place: OwnedSemaphorePermit,
        cancel: CancellationToken,
    ) -> (Stay, Option<Box<ComponentSandbox>>) {
        let mut slot = self.slot();
        slot.cancel = Some(cancel);
        let stay = Stay {
            home: Arc::downgrade(self),
            _place: place,
        };
        (stay, slot.sandbox.take())
    }

    /// Makes calls wait, in a version that is about to serve.
    pub(super) fn hold(&self) -> Hold {
        Hold {
            rules: self.rules.clone(),
            _gate: Arc::new(self.gate.lower()),
        }
    }

    /// Serves calls, also after it was replaced once.
    pub(super) fn open(&self) {
        self.slot().closed = false;
        self.retired.store(false, Ordering::Release);
    }

    /// Sends calls on to the version that has taken the place of this one.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Drops the sandbox, now or when its call returns.
    pub(super) fn close(&self) {
        let dropped = {
            let mut slot = self.slot();
            slot.closed = true;
            slot.sandbox.take()
        };
        drop(dropped);
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Nothing is left half done under the lock.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stay {
    /// Leaves the sandbox for the next call; hands it back when there is none.
    pub(super) fn leave(self, sandbox: Box<ComponentSandbox>) -> Option<Box<ComponentSandbox>> {
        let Some(home) = self.home.upgrade() else {
            return Some(sandbox);
        };
        let mut slot = home.slot();
        if slot.closed {
            return Some(sandbox);
        }
        slot.sandbox = Some(sandbox);
        None
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        // The place itself is given up after this.
        if let Some(home) = self.home.upgrade() {
            home.slot().cancel = None;
        }
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home")
            .field("rules", &self.rules)
            .field("retired", &self.retired)
            .finish_non_exhaustive()
    }
}
