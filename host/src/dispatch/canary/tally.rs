//! What is counted of one version in a trial: calls, failures, and how long
//! they took. One call is two atomic additions and no lock.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// Buckets for each doubling of a latency: a bound is at most an eighth off.
const STEPS_LOG2: u32 = 3;
const STEPS: usize = 1 << STEPS_LOG2;
/// Up to 2^36 µs, the better part of a day.
const BUCKETS: usize = (36 - STEPS_LOG2 as usize + 1) * STEPS;

/// Counters of one version.
#[derive(Debug)]
pub(super) struct Tally {
    /// Calls in the upper half, failures in the lower: read together, so that
    /// no look sees a failure without its call.
    counts: AtomicU64,
    took: [AtomicU32; BUCKETS],
}

/// What had been counted at one time.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) calls: u32,
    pub(super) failures: u32,
    took: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            counts: AtomicU64::new(0),
            took: [const { AtomicU32::new(0) }; BUCKETS],
        }
    }
}

impl Tally {
    /// Counts a call and returns how many there are with it.
    pub(super) fn add(&self, failed: bool, took: Duration) -> u32 {
        if let Some(bucket) = self.took.get(bucket(micros(took))) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let counts = self
            .counts
            .fetch_add((1 << 32) | u64::from(failed), Ordering::SeqCst);
        calls(counts) + 1
    }

    pub(super) fn calls(&self) -> u32 {
        calls(self.counts.load(Ordering::SeqCst))
    }

    pub(super) fn sample(&self) -> Sample {
        let counts = self.counts.load(Ordering::SeqCst);
        let took = self.took.iter();
        Sample {
            calls: calls(counts),
            failures: (counts & u64::from(u32::MAX)) as u32,
            took: took.map(|count| count.load(Ordering::Relaxed)).collect(),
        }
    }
}

fn calls(counts: u64) -> u32 {
    (counts >> 32) as u32
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The bucket of a latency: the doubling it is in, and the eighth of that.
fn bucket(us: u64) -> usize {
    if us < STEPS as u64 {
        return us as usize;
    }
    let doubling = us.ilog2();
    let step = (us >> (doubling - STEPS_LOG2)) as usize % STEPS;
    let bucket = (doubling - STEPS_LOG2 + 1) as usize * STEPS + step;
    bucket.min(BUCKETS - 1)
}

/// The largest latency of a bucket.
fn bound_us(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (doubling, step) = (bucket / STEPS - 1, bucket % STEPS);
    (((STEPS + step + 1) as u64) << doubling) - 1
}

impl Sample {
    /// The latency that a share of the calls kept within, in microseconds,
    /// rounded up to its bucket. None without calls.
    pub(super) fn quantile_us(&self, share: f64) -> Option<u64> {
        let all: u64 = self.took.iter().map(|&count| u64::from(count)).sum();
        let rank = (all as f64 * share).ceil() as u64;
        let mut seen = 0;
        let buckets = self.took.iter().enumerate();
        for (bucket, &count) in buckets.filter(|(_, count)| **count > 0) {
            seen += u64::from(count);
            if seen >= rank {
                return Some(bound_us(bucket));
            }
        }
        None
    }

    /// Calls that certainly took longer.
    pub(super) fn slower_than(&self, us: u64) -> u32 {
        self.took.iter().skip(bucket(us) + 1).sum()
    }

    #[cfg(test)]
    pub(super) fn of(calls: u32, failures: u32, took: impl IntoIterator<Item = u64>) -> Self {
        let mut buckets = vec![0; BUCKETS];
        took.into_iter().for_each(|us| buckets[bucket(us)] += 1);
        Self {
            calls,
            failures,
            took: buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_are_an_eighth_wide() {
        let mut before = None;
        for bucket_index in 0..BUCKETS {
            let bound = bound_us(bucket_index);
            assert_eq!(bucket(bound), bucket_index, "{bound}");
            if let Some(before) = before {
                assert_eq!(bucket(before + 1), bucket_index, "{before}");
                assert!(bound - before <= 1 + before / 8, "{before} {bound}");
            }
            before = Some(bound);
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn counts_calls_failures_and_times() {
        let tally = Tally::default();
        for ms in 1..=100 {
            tally.add(ms % 10 == 0, Duration::from_millis(ms));
        }
        let sample = tally.sample();
        assert_eq!((sample.calls, sample.failures), (100, 10));
        let median = sample.quantile_us(0.5).unwrap();
        assert!((50_000..57_000).contains(&median), "{median}");
        let p95 = sample.quantile_us(0.95).unwrap();
        assert!((95_000..107_000).contains(&p95), "{p95}");
        assert_eq!(sample.slower_than(sample.quantile_us(1.0).unwrap()), 0);
        assert_eq!(Sample::of(0, 0, []).quantile_us(0.5), None);
    }
}
