//! Whether the database is there, for operators.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Error;

/// Says it once when the database goes, and once when it is back.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach(Arc<AtomicBool>);

impl Reach {
    pub(super) fn is_lost(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes how a look at the database went.
    pub(super) fn note(&self, failure: Option<&Error>) {
        let was_lost = self.0.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_lost => tracing::warn!(
                "{error}; calls go on with what runs, and nothing can be changed until it is back"
            ),
            None if was_lost => tracing::info!("the database is back"),
            Some(_) | None => {}
        }
    }
}
