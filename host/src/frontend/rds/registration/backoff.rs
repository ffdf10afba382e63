//! How long to wait between attempts.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// Doubles from a first delay to a longest one. Each wait is cut by up to a
/// half, so that hosts which lost the storage together do not return together.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(300))
    }
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    pub(super) fn delay(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.longest);
        // Seeded by the system for every state; nothing secret hangs on it.
        let random = RandomState::new().build_hasher().finish();
        let share = (random >> 32) as u32;
        let cut = (whole / 2).mul_f64(f64::from(share) / f64::from(u32::MAX));
        whole - cut
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_grow_to_a_limit_and_differ() {
        let delays = || {
            let mut backoff = Backoff::default();
            (0..12).map(|_| backoff.delay()).collect::<Vec<_>>()
        };
        let (one, other) = (delays(), delays());
        for (turn, delay) in one.iter().enumerate() {
            let whole = Duration::from_secs((1 << turn).min(300));
            assert!(*delay <= whole && *delay >= whole / 2, "{turn}: {delay:?}");
        }
        assert_ne!(one, other);
    }
}
