//! CPU time of guests, counted in epoch ticks.
//!
//! Wasmtime asks at every tick what to do with the guest that runs. A guest
//! that merely waited for the host across a tick has used nothing; one that
//! really ran is counted, and after two ticks it yields. A call that had to
//! yield is marked, so that the dispatcher can move it off the threads that
//! serve short calls.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use wasmtime::UpdateDeadline;

use crate::capability::Limit;

/// Ticks a guest may run before it yields.
const SLICE_TICKS: u64 = 2;

/// Ticks since the engine started, advanced by its ticker thread.
#[derive(Debug, Default)]
pub(super) struct Clock(AtomicU64);

impl Clock {
    pub(super) fn advance(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one call has used of the CPU, and what it may use.
#[derive(Debug)]
pub struct CpuMeter {
    clock: Arc<Clock>,
    tick: Duration,
    budget: Duration,
    /// When the call was last given a thread.
    polled_at: AtomicU64,
    /// Up to when its running has been counted.
    counted_to: AtomicU64,
    /// CPU time of the thread when it was last counted, in nanoseconds; 0
    /// while ticks are counted instead.
    thread_counted_to: AtomicU64,
    used_ns: AtomicU64,
    overran: AtomicBool,
}

impl CpuMeter {
    pub(super) fn new(clock: Arc<Clock>, tick: Duration, budget: Duration) -> Self {
        let now = clock.now();
        Self {
            clock,
            tick,
            budget,
            polled_at: AtomicU64::new(now),
            counted_to: AtomicU64::new(now),
            thread_counted_to: AtomicU64::new(0),
            used_ns: AtomicU64::new(0),
            overran: AtomicBool::new(false),
        }
    }

    /// CPU time used so far, to the tick.
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    /// Whether the call ever ran longer than a slice in one go.
    pub fn overran(&self) -> bool {
        self.overran.load(Ordering::Relaxed)
    }

    fn resume(&self) {
        let now = self.clock.now();
        self.polled_at.store(now, Ordering::Relaxed);
        self.counted_to.store(now, Ordering::Relaxed);
        if self.overran() {
            self.thread_counted_to.store(thread_ns(), Ordering::Relaxed);
        }
    }

    /// The call has given its thread back. A long computation that waits often
    /// never runs into a tick, so what it used is added here.
    fn pause(&self) {
        if self.thread_counted_to.load(Ordering::Relaxed) != 0 {
            self.count(self.clock.now());
        }
    }

    fn count(&self, now: u64) {
        let ran = u64::try_from(self.ran(now).as_nanos()).unwrap_or(u64::MAX);
        self.used_ns.fetch_add(ran, Ordering::Relaxed);
    }

    /// CPU time since it was last counted. A call on the threads for long
    /// computations is often preempted, which is not its doing: there the
    /// thread's own clock counts. Asking that clock is a system call, too dear
    /// for the short calls, whose ticks are close enough.
    fn ran(&self, now: u64) -> Duration {
        let counted_to = self.counted_to.swap(now, Ordering::Relaxed);
        if self.thread_counted_to.load(Ordering::Relaxed) == 0 {
            // Whoever runs is asked at each tick. One that was not has been preempted, on a machine
            // with more to do than it can.
            let ticks = now.saturating_sub(counted_to).min(SLICE_TICKS);
            return self.tick * u32::try_from(ticks).unwrap_or(u32::MAX);
        }
        let thread = thread_ns();
        let counted_to = self.thread_counted_to.swap(thread, Ordering::Relaxed);
        Duration::from_nanos(thread.saturating_sub(counted_to))
    }

    /// Wasmtime's question at a tick.
    pub(super) fn tick(&self) -> wasmtime::Result<UpdateDeadline> {
        let now = self.clock.now();
        let running = now.saturating_sub(self.polled_at.load(Ordering::Relaxed));
        self.count(now);
        if self.used() > self.budget {
            let budget = self.budget.as_millis();
            return Err(Limit::new("cpu_ms", format_args!("{budget} ms")).into());
        }
        if running < SLICE_TICKS {
            return Ok(UpdateDeadline::Continue(1));
        }
        self.overran.store(true, Ordering::Relaxed);
        Ok(UpdateDeadline::Yield(1))
    }
}

fn thread_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}

/// Runs a call's future and tells its meter whenever it gets a thread.
pub struct Slice<T> {
    cpu: Arc<CpuMeter>,
    call: Pin<Box<dyn Future<Output = T> + Send>>,
}

impl<T> Slice<T> {
    /// Meters a call.
    pub fn new(cpu: Arc<CpuMeter>, call: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            cpu,
            call: Box::pin(call),
        }
    }

    /// The meter of the call.
    pub fn cpu(&self) -> &CpuMeter {
        &self.cpu
    }
}

impl<T> std::fmt::Debug for Slice<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slice")
            .field("cpu", &self.cpu)
            .finish_non_exhaustive()
    }
}

impl<T> Future for Slice<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<T> {
        self.cpu.resume();
        let polled = self.call.as_mut().poll(task);
        self.cpu.pause();
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(budget_ms: u64) -> (Arc<Clock>, CpuMeter) {
        let clock = Arc::new(Clock::default());
        let tick = Duration::from_millis(1);
        let meter = CpuMeter::new(clock.clone(), tick, Duration::from_millis(budget_ms));
        (clock, meter)
    }

    #[test]
    fn waiting_costs_nothing() {
        let (clock, meter) = meter(5);
        for _ in 0..100 {
            clock.advance();
        }
        meter.resume();
        assert!(matches!(meter.tick(), Ok(UpdateDeadline::Continue(1))));
        assert_eq!(meter.used(), Duration::ZERO);
        assert!(!meter.overran());
    }

    #[test]
    fn running_yields() {
        let (clock, meter) = meter(3);
        clock.advance();
        assert!(matches!(meter.tick(), Ok(UpdateDeadline::Continue(1))));
        clock.advance();
        assert!(matches!(meter.tick(), Ok(UpdateDeadline::Yield(1))));
        assert!(meter.overran());
        assert_eq!(meter.used(), Duration::from_millis(2));
    }

    #[test]
    fn running_on_breaks_the_budget() {
        let (clock, meter) = meter(1);
        clock.advance();
        assert!(meter.tick().is_ok());
        clock.advance();
        let broken = meter.tick().err().unwrap();
        assert_eq!(broken.downcast_ref::<Limit>().unwrap().name, "cpu_ms");
    }

    #[test]
    fn being_preempted_costs_a_short_call_one_slice() {
        let (clock, meter) = meter(1_000);
        for _ in 0..10_000 {
            clock.advance();
        }
        assert!(matches!(meter.tick(), Ok(UpdateDeadline::Yield(1))));
        assert_eq!(meter.used(), Duration::from_millis(2));
    }

    #[test]
    fn being_preempted_costs_a_long_computation_nothing() {
        let (clock, meter) = meter(1_000);
        clock.advance();
        clock.advance();
        assert!(meter.tick().is_ok());
        meter.resume();
        for _ in 0..10_000 {
            clock.advance();
        }
        assert!(meter.tick().is_ok());
    }
}
