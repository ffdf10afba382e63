//! What can go wrong on the way to a system and back, on demand.
//!
//! A fault is for the nth call of one operation, or for the nth call of all.
//! Calls are counted from the fake's start, refused ones included.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This status, without effect.
    Status(u16),
    /// It takes effect, but the answer is this status.
    StatusAfter(u16),
    /// This status, media type and body, without effect.
    Answer(u16, &'static str, String),
    /// 429 with `Retry-After` of so many seconds, without effect.
    RateLimited(u64),
    /// No answer, no effect.
    Hang,
    /// It takes effect; no answer.
    HangAfter,
    /// The connection closes once the head of the request was read; no effect.
    Close,
    /// It takes effect; the connection closes without an answer.
    CloseAfter,
    /// The connection closes when so many bytes of the request's body were
    /// read; no effect.
    CloseInRequest(u64),
    /// It takes effect; the connection closes half-way through the answer's
    /// body. Without a body: like `CloseAfter`.
    CloseInAnswer,
    /// It takes effect; the answer says so with a body that is not JSON.
    Garbage,
    /// So long a pause before anything happens.
    Delay(Duration),
    /// It takes effect; the answer's body dribbles, with so long a pause
    /// between its parts.
    Slow(Duration),
    /// Waits for the test before anything happens.
    Hold(Hold),
    /// It takes effect; the answer waits for the test.
    HoldAfter(Hold),
}

/// Which calls a fault is for, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nth {
    /// That one.
    Only(u32),
    /// That one and all after it.
    From(u32),
    /// All.
    Every,
}

impl Nth {
    fn includes(self, count: u32) -> bool {
        match self {
            Self::Only(n) => count == n,
            Self::From(n) => count >= n,
            Self::Every => true,
        }
    }
}

impl From<u32> for Nth {
    fn from(n: u32) -> Self {
        Self::Only(n)
    }
}

/// Where a call waits until the test lets it go on. Clones are one place.
///
/// A held call goes on even when its client has hung up, as in a server that
/// does not look: that is what makes an orphan.
#[derive(Debug, Clone)]
pub struct Hold {
    reached: watch::Sender<u32>,
    open: watch::Sender<bool>,
}

impl Default for Hold {
    fn default() -> Self {
        Self {
            reached: watch::Sender::new(0),
            open: watch::Sender::new(false),
        }
    }
}

impl Hold {
    /// A closed one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Until a call waits here.
    ///
    /// # Panics
    ///
    /// When none does for thirty seconds.
    pub async fn reached(&self) {
        let mut reached = self.reached.subscribe();
        let arrival = reached.wait_for(|count| *count > 0);
        let arrived = tokio::time::timeout(PATIENCE, arrival).await;
        let arrived = arrived.expect("a call to hold");
        // The sender lives as long as `self`.
        arrived.expect("a hold");
    }

    /// The same for a test without a runtime.
    ///
    /// # Panics
    ///
    /// When none does for thirty seconds.
    pub fn wait(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(self.reached());
    }

    /// Lets go what waits here, and what comes later.
    pub fn release(&self) {
        self.open.send_replace(true);
    }

    pub(crate) async fn pass(&self) {
        self.reached.send_modify(|count| *count += 1);
        let mut open = self.open.subscribe();
        // The sender lives as long as `self`.
        _ = open.wait_for(|open| *open).await;
    }
}

/// How long a test waits before it is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Plan<O> {
    operation: Option<O>,
    nth: Nth,
    fault: Fault,
}

/// The faults ordered from one fake.
#[derive(Debug)]
pub(crate) struct Faults<O>(Mutex<State<O>>);

#[derive(Debug)]
struct State<O> {
    plans: Vec<Plan<O>>,
    calls: Vec<O>,
}

impl<O> Default for Faults<O> {
    fn default() -> Self {
        Self(Mutex::new(State {
            plans: Vec::new(),
            calls: Vec::new(),
        }))
    }
}

impl<O: Copy + PartialEq> Faults<O> {
    /// Orders one. Without an operation, calls of every kind count.
    pub(crate) fn order(&self, operation: Option<O>, nth: Nth, fault: Fault) {
        let plan = Plan {
            operation,
            nth,
            fault,
        };
        self.with(|state| state.plans.push(plan));
    }

    /// Cancels all that were ordered; counting goes on.
    pub(crate) fn heal(&self) {
        self.with(|state| state.plans.clear());
    }

    /// Counts a call; the fault that was ordered for it first, if any.
    pub(crate) fn next(&self, operation: O) -> Option<Fault> {
        self.with(|state| {
            state.calls.push(operation);
            let of = |wanted: &O| state.calls.iter().filter(|call| *call == wanted).count();
            let all = state.calls.len();
            let meant = |plan: &&Plan<O>| {
                let count = match &plan.operation {
                    Some(wanted) if *wanted == operation => of(wanted),
                    Some(_) => return false,
                    None => all,
                };
                plan.nth.includes(u32::try_from(count).unwrap_or(u32::MAX))
            };
            let plan = state.plans.iter().find(meant);
            plan.map(|plan| plan.fault.clone())
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State<O>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(faults: &Faults<char>, calls: &str) -> Vec<Option<u16>> {
        let status = |call| match faults.next(call) {
            Some(Fault::Status(status)) => Some(status),
            _ => None,
        };
        calls.chars().map(status).collect()
    }

    #[test]
    fn a_fault_is_for_the_nth_call_of_its_operation() {
        let faults = Faults::default();
        faults.order(Some('a'), Nth::Only(2), Fault::Status(500));
        faults.order(Some('b'), Nth::From(2), Fault::Status(502));
        assert_eq!(
            statuses(&faults, "abaabb"),
            [None, None, Some(500), None, Some(502), Some(502)]
        );
    }

    #[test]
    fn a_fault_without_operation_counts_all_until_healed() {
        let faults = Faults::default();
        faults.order(None, Nth::Only(3), Fault::Status(503));
        assert_eq!(statuses(&faults, "abcd"), [None, None, Some(503), None]);
        faults.order(None, Nth::Every, Fault::Status(500));
        assert_eq!(statuses(&faults, "a"), [Some(500)]);
        faults.heal();
        assert_eq!(statuses(&faults, "a"), [None]);
    }
}
