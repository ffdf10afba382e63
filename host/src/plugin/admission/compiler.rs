//! Compiles a component in a process of its own. What compiling takes is for
//! the component's author to choose: a few kilobytes can keep a compiler busy
//! for hours, or fill any memory. Here that ends one small process, and the
//! host says so.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::unix::pipe;
use tokio::sync::Semaphore;

use crate::limits::AdmissionLimits;
use crate::plugin::compile::{self, Limits};

/// What is kept of the process's complaint.
const COMPLAINT_BYTES_MAX: usize = 4 << 10;
/// How the standard library announces that it stops for want of memory.
const ALLOCATION_FAILED: &str = "memory allocation of";

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It took too long.
    #[error(
        "the component did not compile within the {0} ms of `admission.compile_ms`; \
         make its functions smaller, or raise the limit"
    )]
    Timeout(u64),
    /// It took too much memory.
    #[error(
        "compiling the component took more than the {0} bytes of \
         `admission.compile_memory_bytes`; make its functions smaller, or raise the limit"
    )]
    Memory(u64),
    /// The compiler refuses it.
    #[error("the component does not compile: {0}")]
    Refused(String),
    /// The compiler died of it.
    #[error("the compiler ended by {0} while it compiled the component; please report the file")]
    Crashed(String),
    /// The process could not be started or spoken to.
    #[error("cannot compile the component in a process of its own: {0}")]
    Process(#[from] io::Error),
}

impl CompileError {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Timeout(_) => "compile-timeout",
            Self::Memory(_) => "compile-memory",
            Self::Refused(_) => "compile-failed",
            Self::Crashed(_) => "compile-crashed",
            Self::Process(_) => "host-failed",
        }
    }
}

/// Starts compiling processes, one per core at most, so that they cannot take
/// every core from the calls.
#[derive(Debug)]
pub(super) struct Compiler {
    program: PathBuf,
    limits: AdmissionLimits,
    turns: Semaphore,
}

impl Compiler {
    /// `program` is `tenon` itself.
    pub(super) fn new(program: PathBuf, limits: AdmissionLimits) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            program,
            limits,
            turns: Semaphore::new(cores),
        }
    }

    /// Compiles into a file. The process ends with this future.
    pub(super) async fn compile(&self, bytes: &[u8], into: File) -> Result<(), CompileError> {
        // Never closed; without a turn there is only more to do at one time.
        let _turn = self.turns.acquire().await;
        let limit = self.limits.compile_ms;
        let mut process = Process::start(&self.program, &self.child_limits(bytes), into)?;
        let ended = process.run(bytes);
        let Ok(ended) = tokio::time::timeout(Duration::from_millis(limit), ended).await else {
            return Err(CompileError::Timeout(limit));
        };
        let (status, complaint) = ended?;
        self.judge(status, complaint.trim())
    }

    fn child_limits(&self, bytes: &[u8]) -> Limits {
        Limits {
            bytes: bytes.len() as u64,
            memory_bytes: self.limits.compile_memory_bytes,
            // It has one thread, which cannot use more than passes.
            cpu_seconds: self.limits.compile_ms.div_ceil(1000),
        }
    }

    fn judge(&self, status: ExitStatus, complaint: &str) -> Result<(), CompileError> {
        let signal = status.signal().and_then(Signal::from_named_raw);
        let memory = CompileError::Memory(self.limits.compile_memory_bytes);
        let host = |text: &str| Err(CompileError::Process(io::Error::other(text.to_owned())));
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        match (code, signal) {
            (Some(0), _) => Ok(()),
            (Some(compile::REFUSED), _) => Err(CompileError::Refused(complaint.to_owned())),
            (Some(compile::OUT_OF_MEMORY), _) => Err(memory),
            (Some(_), _) => host(complaint),
            (None, Some(Signal::ABORT)) if complaint.contains(ALLOCATION_FAILED) => Err(memory),
            (None, Some(Signal::XCPU)) => Err(CompileError::Timeout(self.limits.compile_ms)),
            (None, Some(Signal::KILL)) => host("it was killed; the machine may be out of memory"),
            (None, _) => Err(CompileError::Crashed(status.to_string())),
        }
    }
}

/// A compiling process, which ends when it is dropped.
struct Process {
    child: Guard,
    /// Open for as long as somebody waits for the result: without it, the
    /// process ends itself, also when this host was killed.
    input: pipe::Sender,
    complaints: pipe::Receiver,
    ended: AsyncFd<OwnedFd>,
}

impl Process {
    fn start(program: &Path, limits: &Limits, into: File) -> io::Result<Self> {
        let child = Command::new(program)
            .arg("compile")
            .args(limits.arguments())
            // The host's settings, such as a database's password, are none of its business.
            .env_clear()
            .current_dir("/")
            // What a terminal sends is for the host, which then ends it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(into)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut child = Guard(Some(child));
        let running = child.running()?;
        let (input, complaints) = (running.stdin.take(), running.stderr.take());
        let ended = pidfd_open(Pid::from_child(running), PidfdFlags::NONBLOCK)?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        Ok(Self {
            input: pipe::Sender::from_owned_fd(input.ok_or_else(missing)?.into())?,
            complaints: pipe::Receiver::from_owned_fd(complaints.ok_or_else(missing)?.into())?,
            ended: watch(ended)?,
            child,
        })
    }

    /// Feeds it and waits for its end: how it ended, and what it said.
    async fn run(&mut self, bytes: &[u8]) -> io::Result<(ExitStatus, String)> {
        let (input, complaints, ended) = (&mut self.input, &mut self.complaints, &self.ended);
        // Where it ends before it has read everything, its end says why.
        let (_, complaint, ended) = tokio::join!(
            input.write_all(bytes),
            collect(complaints),
            ended.readable()
        );
        drop(ended?);
        let status = self.child.running()?.wait()?;
        Ok((status, complaint))
    }
}

/// Becomes readable when the process ends.
fn watch(pidfd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open, and the same descriptor, for as long as it
    // lives, and the `AsyncFd` owns it.
    #[expect(unsafe_code, reason = "the descriptor is owned by what watches it")]
    let watched = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
    Ok(watched?)
}

/// Reads to the end, and keeps the beginning.
async fn collect(complaints: &mut pipe::Receiver) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1 << 10];
    while let Ok(length @ 1..) = complaints.read(&mut buffer).await {
        let room = COMPLAINT_BYTES_MAX.saturating_sub(kept.len());
        kept.extend(buffer.iter().take(length.min(room)));
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// A process that is killed, and waited for, when it is dropped.
struct Guard(Option<Child>);

impl Guard {
    fn running(&mut self) -> io::Result<&mut Child> {
        self.0
            .as_mut()
            .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else {
            return;
        };
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        _ = child.kill();
        // Giving gigabytes back takes its time, which no thread of the host's should spend.
        let reap = move || _ = child.wait();
        let reaper = thread::Builder::new().name("reaper".to_owned());
        if let Err(error) = reaper.spawn(reap) {
            tracing::warn!("cannot wait for a compiling process: {error}");
        }
    }
}
