//! What a call used and how it ended, seen from beside the dispatcher: a
//! launcher that keeps the call's meters, and an operation that keeps its
//! failure in full. The call itself takes no notice.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::capability::call::Context;
use crate::dispatch::{self, Outcome};
use crate::plugin::{CpuMeter, Failure, Launcher, Role, Sandbox};

/// What a call used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Used {
    /// `role.operation`.
    pub operation: &'static str,
    /// `ok`, or the outcome's name.
    pub outcome: &'static str,
    /// From the call to its end, the start of the sandbox among it, in
    /// microseconds.
    pub wall_us: u64,
    /// Time on a processor, in microseconds, to the tick of the engine.
    pub cpu_us: u64,
    /// The most linear memory the sandbox had, in bytes. Zero when it was
    /// dropped in mid-operation.
    pub memory_bytes: u64,
    /// Bytes of contents that crossed between caller and plugin.
    pub moved_bytes: u64,
    /// Requests it made.
    pub requests: u64,
}

/// How a call ended that gave no result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ended {
    /// The outcome's name, such as `not-found`.
    pub outcome: &'static str,
    /// What went wrong.
    pub message: String,
    /// What it went wrong with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Functions of the guest's stack, innermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
    /// Whether the plugin itself answered so. Anything else is a trap, a limit
    /// or the host's refusal.
    pub answered: bool,
}

/// What is known of a failure beyond the dispatcher's error.
#[derive(Debug)]
enum Known {
    Answered,
    Trapped { trap: String, frames: Vec<String> },
    Other(String),
}

/// Keeps what is seen of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    meters: Mutex<Option<(Arc<Context>, Arc<CpuMeter>)>>,
    failure: Mutex<Option<Known>>,
    memory_bytes: AtomicUsize,
}

impl Watch {
    /// What a call used; none when it never got a sandbox.
    pub(super) fn used(
        &self,
        operation: &'static str,
        outcome: &'static str,
        wall: Duration,
    ) -> Option<Used> {
        let meters = self.0.meters.lock();
        let (context, cpu) = meters.unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Used {
            operation,
            outcome,
            wall_us: micros(wall),
            cpu_us: micros(cpu.used()),
            memory_bytes: self.0.memory_bytes.swap(0, Ordering::Relaxed) as u64,
            moved_bytes: context.meter.moved(),
            requests: context.meter.requests(),
        })
    }

    /// The whole of a failure.
    pub(super) fn ended(&self, error: &dispatch::Error) -> Ended {
        let known = self.take();
        // Some outcomes are the dispatcher's own, whatever the plugin said last.
        let own = matches!(
            error.outcome(),
            Outcome::Deadline | Outcome::Overloaded | Outcome::Cancelled
        );
        let mut ended = Ended {
            outcome: error.outcome().name(),
            message: error.message().to_owned(),
            subject: error.subject().map(str::to_owned),
            retry_after_ms: error.retry_after().map(|after| after.as_millis() as u64),
            backtrace: Vec::new(),
            answered: matches!(known, Some(Known::Answered)) && !own,
        };
        match known {
            Some(Known::Trapped { trap, frames }) => ended.trapped(trap, frames),
            _ => {
                // What failed before the operation began, such as the sandbox's start.
                if let Some(Failure::Trapped { trap, frames }) = error.cause() {
                    ended.trapped(trap.clone(), frames.clone());
                }
            }
        }
        ended
    }

    /// The whole of a failure after the first byte was sent.
    pub(super) fn broken_off(&self, reason: &str) -> Ended {
        let mut ended = Ended {
            outcome: Outcome::Internal.name(),
            message: reason.to_owned(),
            subject: None,
            retry_after_ms: None,
            backtrace: Vec::new(),
            answered: false,
        };
        match self.take() {
            Some(Known::Trapped { trap, frames }) => ended.trapped(trap, frames),
            Some(Known::Answered) => ended.answered = true,
            Some(Known::Other(message)) => ended.message = message,
            None => {}
        }
        ended
    }

    fn take(&self) -> Option<Known> {
        let failure = self.0.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, failure: &Failure) {
        let known = match failure {
            Failure::Answered(_) => Known::Answered,
            Failure::Trapped { trap, frames } => Known::Trapped {
                trap: trap.clone(),
                frames: frames.clone(),
            },
            other => Known::Other(other.to_string()),
        };
        let kept = self.0.failure.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Ended {
    fn trapped(&mut self, trap: String, frames: Vec<String>) {
        self.message = format!("the plugin trapped: {trap}");
        self.backtrace = frames;
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.outcome, self.message)?;
        match &self.subject {
            Some(subject) => write!(f, " ({subject})"),
            None => Ok(()),
        }
    }
}

/// A launcher that keeps the meters of its latest call.
#[derive(Debug)]
pub(super) struct WatchedLauncher<L> {
    pub(super) launcher: L,
    pub(super) watch: Watch,
}

#[wasmtime_wasi::async_trait]
impl<L: Launcher> Launcher for WatchedLauncher<L> {
    fn offers(&self, role: Role) -> bool {
        self.launcher.offers(role)
    }

    async fn launch(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        {
            let meters = self.watch.0.meters.lock();
            let mut meters = meters.unwrap_or_else(PoisonError::into_inner);
            *meters = Some((context.clone(), cpu.clone()));
        }
        self.launcher.launch(context, cpu).await
    }

    fn sweep(&self) {
        self.launcher.sweep();
    }
}

/// An operation that keeps its failure, and the memory it was left with.
#[derive(Debug)]
pub(super) struct Watched<O> {
    pub(super) operation: O,
    pub(super) watch: Watch,
}

impl<O: dispatch::Operation> dispatch::Operation for Watched<O> {
    type Output = O::Output;

    const NAME: &'static str = O::NAME;
    const ROLE: Role = O::ROLE;
    const CHANGES: bool = O::CHANGES;

    fn made(output: &Self::Output) -> Option<&str> {
        O::made(output)
    }

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Self::Output, Failure> {
        let ended = self.operation.run(sandbox).await;
        let memory = &self.watch.0.memory_bytes;
        // It only ever grows, so that this is the most there was.
        memory.store(sandbox.memory_bytes(), Ordering::Relaxed);
        ended.inspect_err(|failure| self.watch.note(failure))
    }
}
