//! Which threads a call runs on.
//!
//! Calls begin on the threads that serve requests, since moving every call
//! costs more than most of them take. One that holds its thread for longer
//! than a slice is moved to a second set of threads with the lowest priority,
//! and stays there: a hundred guests that spin compete among themselves, and
//! the requests of others never queue behind them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{AbortHandle, JoinError};

use crate::plugin::Slice;

/// The highest `nice` value: such a thread gets about one part in seventy of a
/// processor that others want.
const COMPUTE_NICE: i32 = 19;

/// Runs calls, moving those that compute for long.
#[derive(Debug, Clone)]
pub struct Scheduler {
    compute: Arc<Compute>,
}

#[derive(Debug)]
struct Compute(Option<Runtime>);

impl Drop for Compute {
    fn drop(&mut self) {
        // Dropping a runtime blocks, which the thread here may not do.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Scheduler {
    /// Starts the threads for long computations.
    ///
    /// # Errors
    ///
    /// [`std::io::Error`] when threads cannot be started.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("compute")
            .on_thread_start(|| {
                // On Linux this is the calling thread's own priority.
                if let Err(error) = rustix::process::setpriority_process(None, COMPUTE_NICE) {
                    tracing::warn!("cannot lower the priority of a compute thread: {error}");
                }
            })
            .enable_all()
            .build()?;
        Ok(Self {
            compute: Arc::new(Compute(Some(runtime))),
        })
    }

    /// Runs a call to its end. Dropping the future drops the call, on
    /// whichever thread it is, at its next yield.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        heavy: bool,
        mut slice: Slice<T>,
    ) -> Result<T, JoinError> {
        if !heavy {
            let first = std::future::poll_fn(|task| match Pin::new(&mut slice).poll(task) {
                Poll::Ready(value) => Poll::Ready(Some(value)),
                Poll::Pending if slice.cpu().overran() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            if let Some(value) = first.await {
                return Ok(value);
            }
        }
        self.compute(slice).await
    }

    async fn compute<T: Send + 'static>(&self, slice: Slice<T>) -> Result<T, JoinError> {
        struct AbortOnDrop(AbortHandle);
        impl Drop for AbortOnDrop {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
        let Some(runtime) = &self.compute.0 else {
            // Only while this value itself is being dropped.
            return Ok(slice.await);
        };
        let moved = runtime.spawn(slice);
        let _abort = AbortOnDrop(moved.abort_handle());
        moved.await
    }
}
