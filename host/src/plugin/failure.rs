//! Why an operation of a component did not succeed.

use std::collections::BTreeSet;

use wasmtime::component::ResourceTableError;
use wasmtime::{FrameInfo, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::Role;
use crate::bindings::types;
use crate::capability::Limit;
use crate::capability::transfer::Breach;
use crate::limits::Limits;

/// The outcome of an operation that is not `ok`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The plugin's own, typed answer.
    #[error("the plugin answered {}", name(.0))]
    Answered(types::Error),
    /// A limit of the connector was broken.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// The plugin trapped.
    #[error("the plugin trapped: {trap}{}", below(.frames))]
    Trapped {
        /// What wasmtime calls it.
        trap: String,
        /// Function names of the guest's stack, innermost first.
        frames: Vec<String>,
    },
    /// The plugin ended itself instead of returning.
    #[error("the plugin exited with status {0}")]
    Exited(i32),
    /// The plugin broke a rule of its contract.
    #[error("the plugin broke its contract: {0}")]
    Contract(String),
    /// The plugin does not play the role.
    #[error("the plugin does not offer `{0}`")]
    NoRole(Role),
    /// Another call is in the connector's only sandbox.
    #[error("{0}")]
    Busy(Limit),
    /// Another version has taken this one's place before the call began.
    #[error("the version was replaced")]
    Replaced,
    /// All sandboxes the host may hold are in use.
    #[error("no free sandbox")]
    Exhausted,
    /// A fault of the host.
    #[error("the host failed: {0:#}")]
    Host(wasmtime::Error),
}

/// Innermost functions named with a trap. Who wants more runs the plugin natively.
const FRAMES_SHOWN: usize = 8;

fn below(frames: &[String]) -> String {
    let shown: Vec<_> = frames
        .iter()
        .take(FRAMES_SHOWN)
        .map(String::as_str)
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    format!(", in {}", shown.join(" called by "))
}

fn name(error: &types::Error) -> &'static str {
    match error {
        types::Error::Invalid(_) => "invalid",
        types::Error::Unauthenticated(_) => "unauthenticated",
        types::Error::Denied(_) => "denied",
        types::Error::NotFound(_) => "not-found",
        types::Error::Conflict(_) => "conflict",
        types::Error::Unsupported(_) => "unsupported",
        types::Error::RateLimited(_) => "rate-limited",
        types::Error::Unavailable(_) => "unavailable",
        types::Error::Internal(_) => "internal",
    }
}

impl Failure {
    /// Finds the cause of an error that ended a call.
    pub(super) fn from_trap(error: wasmtime::Error, limits: &Limits) -> Self {
        if let Some(limit) = error.downcast_ref::<Limit>() {
            return Self::Limit(limit.clone());
        }
        if let Some(exit) = error.downcast_ref::<I32Exit>() {
            return Self::Exited(exit.0);
        }
        if let Some(ResourceTableError::Full) = error.downcast_ref() {
            return Self::Limit(Limit::new("handles", limits.handles));
        }
        if let Some(breach) = error.downcast_ref::<Breach>() {
            return Self::Contract(breach.to_string());
        }
        if let Some(wasmtime::PoolConcurrencyLimitError { .. }) = error.downcast_ref() {
            return Self::Exhausted;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => Self::stack(),
            Some(Trap::MemoryOutOfBounds) if overflowed(&error) => Self::stack(),
            Some(trap) => Self::Trapped {
                trap: trap.to_string(),
                frames: frames(&error),
            },
            None => Self::from_message(error, limits),
        }
    }

    /// Finds the cause of an error that ended a call after the sandbox started.
    /// What fails without a frame of the guest's on the stack failed while its
    /// answer was read: it breaks the canonical ABI.
    pub(super) fn from_call(error: wasmtime::Error, limits: &Limits) -> Self {
        match Self::from_trap(error, limits) {
            Self::Host(error) => Self::Contract(format!("{error:#}")),
            failure => failure,
        }
    }

    fn stack() -> Self {
        Self::Limit(Limit::new("stack", "the sandbox's stack"))
    }

    /// Three of wasmtime's limits carry no type, only a text.
    fn from_message(error: wasmtime::Error, limits: &Limits) -> Self {
        let text = format!("{error:#}");
        if text.contains("fuel allocated for hostcalls") {
            return Self::Limit(Limit::new(
                "hostcall_bytes",
                format_args!("{} bytes", limits.hostcall_bytes),
            ));
        }
        if text.contains("requested len") && text.contains("exceeds limit") {
            return Self::Limit(Limit::new(
                "random_bytes",
                format_args!("{} bytes", limits.random_bytes),
            ));
        }
        if text.contains("instance count too high") {
            return Self::Limit(Limit::new("core_instances", limits.core_instances));
        }
        if error.downcast_ref::<WasmBacktrace>().is_some() {
            return Self::Trapped {
                frames: frames(&error),
                trap: error.root_cause().to_string(),
            };
        }
        Self::Host(error)
    }
}

/// Whether an access out of bounds comes from too deep a recursion: compilers
/// keep a stack of their own at the bottom of linear memory, and its overflow
/// goes below address 0. Where the address is not known, the frames tell.
fn overflowed(error: &wasmtime::Error) -> bool {
    /// Below 0 is just under 4 GiB; no frame is larger than this.
    const LOWEST_FRAME: u64 = (4 << 30) - (1 << 20);
    match fault_address(error) {
        Some(address) => address >= LOWEST_FRAME,
        None => recurses(error),
    }
}

/// Wasmtime knows the address where the processor found the fault, but says it
/// in the text only.
fn fault_address(error: &wasmtime::Error) -> Option<u64> {
    let text = format!("{error:#}");
    let (_, rest) = text.split_once("memory fault at wasm address 0x")?;
    let (address, _) = rest.split_once(' ')?;
    u64::from_str_radix(address, 16).ok()
}

/// Whether a handful of functions make up all the frames there are.
fn recurses(error: &wasmtime::Error) -> bool {
    const FRAMES_MIN: usize = 16;
    const FRAMES_A_FUNCTION: usize = 4;
    error
        .downcast_ref::<WasmBacktrace>()
        .is_some_and(|backtrace| {
            let frames = backtrace.frames();
            let functions: BTreeSet<_> = frames.iter().map(|frame| frame.func_index()).collect();
            frames.len() >= FRAMES_MIN && functions.len() * FRAMES_A_FUNCTION <= frames.len()
        })
}

fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    backtrace.frames().iter().map(named).collect()
}

fn named(frame: &FrameInfo) -> String {
    let name = match frame.func_name() {
        // Without the hash at its end, which tells nobody anything.
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    };
    match frame.module_offset() {
        Some(offset) => format!("{name} at {offset:#x}"),
        None => name,
    }
}
