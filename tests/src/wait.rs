//! Waiting for something to become true, on machines of any speed.

use std::time::{Duration, Instant};

/// Far beyond what anything here takes on a loaded machine.
pub const LONG: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(10);

/// Returns what `probe` finds, as soon as it finds something.
///
/// # Panics
///
/// When it finds nothing for too long; `what` says what was awaited.
pub async fn until<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LONG;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
