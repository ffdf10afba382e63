//! Counters that cost a host call next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often, and when last.
#[derive(Debug, Default)]
pub(super) struct Count {
    times: AtomicU64,
    last: AtomicI64,
}

/// How often something was used, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Use {
    /// How often.
    pub times: u64,
    /// When last, in milliseconds since 1970; none when never.
    pub last: Option<i64>,
}

impl Count {
    pub(super) fn add(&self) {
        self.add_many(1);
    }

    pub(super) fn add_many(&self, times: u64) {
        self.times.fetch_add(times, Relaxed);
        self.last.store(now(), Relaxed);
    }

    pub(super) fn get(&self) -> Use {
        let times = self.times.load(Relaxed);
        Use {
            times,
            last: (times > 0).then(|| self.last.load(Relaxed)),
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// Raises a high-water mark. It is read first: most calls stay below it, and
/// a write would take the line from every other processor.
pub(super) fn raise(mark: &AtomicU64, value: u64) {
    if mark.load(Relaxed) < value {
        mark.fetch_max(value, Relaxed);
    }
}

/// Counters by name. A connector has few of a kind: looking through them is
/// quicker than hashing.
#[derive(Debug, Default)]
pub(super) struct Named<T>(Box<[(Box<str>, Arc<T>)]>);

impl<T: Default> Named<T> {
    /// A counter for every name: the one it had before, or a new one.
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n String>, before: Option<&Self>) -> Self {
        let counter = |name: &'n String| {
            let kept = before.and_then(|before| before.get(name)).cloned();
            (name.as_str().into(), kept.unwrap_or_default())
        };
        Self(names.map(counter).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<T>> {
        let found = self.0.iter().find(|(known, _)| **known == *name);
        found.map(|(_, counter)| counter)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, counter)| (&**name, &**counter))
    }
}
