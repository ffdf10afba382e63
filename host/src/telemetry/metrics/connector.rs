//! One connector's series, looked up once and then only counted.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use prometheus::{Counter, Histogram, IntCounter, IntGauge};

use super::Metrics;

/// The handles of one connector.
#[derive(Clone)]
pub struct ForConnector {
    inner: Arc<Inner>,
}

struct Inner {
    id: String,
    metrics: Metrics,
    calls: Seen<(&'static str, &'static str), IntCounter>,
    seconds: Seen<&'static str, Histogram>,
    cpu: Seen<&'static str, Counter>,
    active: IntGauge,
    // Made when they first count: most connectors are idle, and a series is a kilobyte.
    bytes: OnceLock<IntCounter>,
    fresh: OnceLock<IntCounter>,
    warm: OnceLock<IntCounter>,
}

/// A call in progress, counted until dropped.
#[derive(Debug)]
pub struct Active(IntGauge);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl ForConnector {
    pub(super) fn new(metrics: &Metrics, id: &str) -> Self {
        Self {
            inner: Arc::new(Inner {
                id: id.to_owned(),
                calls: Seen::default(),
                seconds: Seen::default(),
                cpu: Seen::default(),
                active: metrics.active.with_label_values(&[id]),
                bytes: OnceLock::new(),
                fresh: OnceLock::new(),
                warm: OnceLock::new(),
                metrics: metrics.clone(),
            }),
        }
    }

    /// Counts a call as in progress.
    pub fn started(&self) -> Active {
        self.inner.active.inc();
        Active(self.inner.active.clone())
    }

    /// Counts a call that ran.
    pub fn ended(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        self.count(operation, outcome);
        let family = &self.inner.metrics.seconds;
        let histogram = self.inner.seconds.get(operation, || {
            family.with_label_values(&[self.inner.id.as_str(), operation])
        });
        histogram.observe(took.as_secs_f64());
    }

    /// Counts time on a processor.
    pub fn computed(&self, operation: &'static str, cpu: Duration) {
        let family = &self.inner.metrics.cpu;
        let counter = self.inner.cpu.get(operation, || {
            family.with_label_values(&[self.inner.id.as_str(), operation])
        });
        counter.inc_by(cpu.as_secs_f64());
    }

    /// Counts a call that was not let in.
    pub fn refused(&self, operation: &'static str, outcome: &'static str) {
        self.count(operation, outcome);
    }

    /// Counts bytes that crossed between caller and plugin.
    pub fn moved(&self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let made = || {
            let family = &self.inner.metrics.bytes;
            family.with_label_values(&[self.inner.id.as_str()])
        };
        self.inner.bytes.get_or_init(made).inc_by(bytes);
    }

    /// Counts a sandbox by whether it had served a call before.
    pub fn sandbox(&self, warm: bool) {
        let (counter, start) = match warm {
            true => (&self.inner.warm, "warm"),
            false => (&self.inner.fresh, "fresh"),
        };
        let made = || {
            let family = &self.inner.metrics.sandboxes;
            family.with_label_values(&[self.inner.id.as_str(), start])
        };
        counter.get_or_init(made).inc();
    }

    /// The handles of a trial of one version against another.
    pub fn canary(&self) -> OfCanary {
        let (metrics, id) = (&self.inner.metrics, self.inner.id.as_str());
        let of = |version| OfVersion {
            calls: metrics.canary_calls.with_label_values(&[id, version]),
            failures: metrics.canary_failures.with_label_values(&[id, version]),
        };
        OfCanary {
            candidate: of("candidate"),
            baseline: of("baseline"),
        }
    }

    fn count(&self, operation: &'static str, outcome: &'static str) {
        let family = &self.inner.metrics.calls;
        let counter = self.inner.calls.get((operation, outcome), || {
            family.with_label_values(&[self.inner.id.as_str(), operation, outcome])
        });
        counter.inc();
    }
}

/// Counts the calls of a trial. The label says `candidate` or `baseline` and
/// never a digest, so that the series stay as many as the connectors.
#[derive(Debug)]
pub struct OfCanary {
    candidate: OfVersion,
    baseline: OfVersion,
}

#[derive(Debug)]
struct OfVersion {
    calls: IntCounter,
    failures: IntCounter,
}

impl OfCanary {
    /// Counts a call that is compared.
    pub fn ended(&self, is_candidate: bool, failed: bool) {
        let version = if is_candidate {
            &self.candidate
        } else {
            &self.baseline
        };
        version.calls.inc();
        if failed {
            version.failures.inc();
        }
    }
}

impl fmt::Debug for ForConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ForConnector").field(&self.inner.id).finish()
    }
}

/// Handles by key, found by comparing a few static names: cheaper than the
/// family's lock and hash, which every call would otherwise pay. Operations
/// and outcomes are few, so the list stays short.
struct Seen<K, H>(ArcSwap<Vec<(K, H)>>);

impl<K, H> Default for Seen<K, H> {
    fn default() -> Self {
        Self(ArcSwap::default())
    }
}

impl<K: Copy + PartialEq, H: Clone> Seen<K, H> {
    fn get(&self, key: K, resolve: impl Fn() -> H) -> H {
        let find = |seen: &Vec<(K, H)>| {
            let found = seen.iter().find(|(known, _)| *known == key);
            found.map(|(_, handle)| handle.clone())
        };
        if let Some(handle) = find(&self.0.load()) {
            return handle;
        }
        let handle = resolve();
        self.0.rcu(|seen| {
            let mut seen = Vec::clone(seen);
            if find(&seen).is_none() {
                seen.push((key, handle.clone()));
            }
            seen
        });
        handle
    }
}
