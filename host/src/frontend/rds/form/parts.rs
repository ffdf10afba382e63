//! The parts of a form, with a bound on what stands between them.
//!
//! The parser holds everything back until it has seen the head of a part, and
//! takes all that has arrived. Without a bound, a body that never comes to a
//! part would be held as a whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::BoxError;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use multer::{Constraints, Field, Multipart};

/// Bytes before the next part, its head included, and what of the part has
/// arrived together with it: more than a connection reads at a time.
const BETWEEN_BYTES_MAX: u64 = 2 << 20;

/// The value for a part in progress, which has bounds of its own.
const WITHIN_PART: u64 = u64::MAX;

/// No part in sight.
#[derive(Debug, thiserror::Error)]
#[error("more than {BETWEEN_BYTES_MAX} bytes without a part")]
struct NoPart;

/// A form that is being read.
pub(in crate::frontend::rds) struct Parts {
    form: Multipart<'static>,
    /// Bytes that may still pass until the next part begins.
    left: Arc<AtomicU64>,
}

impl Parts {
    pub(super) fn new(
        body: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
        boundary: String,
        constraints: Constraints,
    ) -> Self {
        let left = Arc::new(AtomicU64::new(BETWEEN_BYTES_MAX));
        let counted = left.clone();
        let body = body.map(move |chunk| chunk.and_then(|chunk| pass(chunk, &counted)));
        Self {
            form: Multipart::with_constraints(body, boundary, constraints),
            left,
        }
    }

    /// The next part. The one before must have been read to its end.
    pub(super) async fn next(&mut self) -> multer::Result<Option<Field<'static>>> {
        self.left.store(BETWEEN_BYTES_MAX, Ordering::Relaxed);
        let next = self.form.next_field().await;
        self.left.store(WITHIN_PART, Ordering::Relaxed);
        next
    }
}

fn pass(chunk: Bytes, left: &AtomicU64) -> Result<Bytes, BoxError> {
    match left.load(Ordering::Relaxed) {
        WITHIN_PART => {}
        0 => return Err(NoPart.into()),
        some => left.store(some.saturating_sub(chunk.len() as u64), Ordering::Relaxed),
    }
    Ok(chunk)
}
