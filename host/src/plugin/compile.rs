//! The inside of a compiling process: bounds itself, then turns a component
//! from standard input into an artefact on standard output.
//!
//! The compiler works on what a stranger wrote and has no limits of its own.
//! The process has: address space, processor time, open files, priority.

use std::io::{self, Read as _, Write as _};
use std::process;
use std::thread;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::engine;

/// The component is refused; standard error says why.
pub const REFUSED: u8 = 65;
/// The address space does not suffice.
pub const OUT_OF_MEMORY: u8 = 71;

/// Standard streams, and some that libraries open for a moment.
const FILES_MAX: u64 = 16;
/// Calls come first. Some of a busy machine's time is still left to it, or
/// nothing would ever be admitted there.
const NICENESS: i32 = 10;
/// What an error of the system says that was refused memory.
const NO_MEMORY: &str = "os error 12";

/// What the process is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the component. Standard input stays open after them for as
    /// long as somebody waits for the artefact.
    pub bytes: u64,
    /// Address space.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_seconds: u64,
}

impl Limits {
    /// As arguments of `tenon compile`.
    pub(super) fn arguments(&self) -> [String; 3] {
        [
            format!("--bytes={}", self.bytes),
            format!("--memory-bytes={}", self.memory_bytes),
            format!("--cpu-seconds={}", self.cpu_seconds),
        ]
    }
}

/// Why there is no artefact.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Wasmtime refuses the component, or has no memory left.
    #[error("{0:#}")]
    Compile(wasmtime::Error),
    /// A standard stream or a limit failed.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl Failure {
    /// How the process tells whoever started it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Compile(error) if format!("{error:#}").contains(NO_MEMORY) => OUT_OF_MEMORY,
            Self::Compile(_) => REFUSED,
            // A thread whose stack finds no room is told to try again.
            Self::System(error) => match error.kind() {
                io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock => OUT_OF_MEMORY,
                _ => 1,
            },
        }
    }
}

/// Does the work of the process.
///
/// # Errors
///
/// [`Failure`], for [`Failure::exit_code`] and standard error.
pub fn run(limits: &Limits) -> Result<(), Failure> {
    bound(limits)?;
    let mut component = Vec::new();
    io::stdin().take(limits.bytes).read_to_end(&mut component)?;
    thread::Builder::new()
        .name("lifeline".to_owned())
        .spawn(end_with_input)?;
    let compiled = engine::compiler()
        .and_then(|engine| engine.precompile_component(&component))
        .map_err(Failure::Compile)?;
    io::stdout().write_all(&compiled)?;
    io::stdout().flush()?;
    Ok(())
}

fn bound(limits: &Limits) -> io::Result<()> {
    let set = |resource, current, maximum| {
        let [current, maximum] = [current, maximum].map(Some);
        setrlimit(resource, Rlimit { current, maximum })
    };
    set(Resource::Core, 0, 0)?;
    set(Resource::Nofile, FILES_MAX, FILES_MAX)?;
    set(Resource::As, limits.memory_bytes, limits.memory_bytes)?;
    // At the first it is told, at the second it is killed.
    set(Resource::Cpu, limits.cpu_seconds, limits.cpu_seconds + 1)?;
    nice(NICENESS)?;
    Ok(())
}

/// Nobody waits any more: the host was killed, or gave up.
fn end_with_input() {
    _ = io::stdin().read(&mut [0]);
    process::abort();
}
