//! What one call has done so far.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What a guest calls on the host, as figures tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// WASI without HTTP: clocks, random numbers, streams, waiting.
    Wasi,
    /// Who asks, and whether the call was cancelled.
    Call,
    /// The configuration table.
    Config,
    /// Another connector's database.
    Database,
    /// Granted directories.
    Files,
    /// `wasi:http`, each step of a request.
    Http,
    /// Granted key-value stores.
    Kv,
    /// Log lines.
    Log,
    /// Temporary files.
    Scratch,
    /// Credentials.
    Secret,
    /// Granted databases.
    Sql,
    /// Contents on their way to and from the caller.
    Transfer,
}

impl Interface {
    /// Every interface, in the order of this list.
    pub const ALL: [Self; 12] = [
        Self::Wasi,
        Self::Call,
        Self::Config,
        Self::Database,
        Self::Files,
        Self::Http,
        Self::Kv,
        Self::Log,
        Self::Scratch,
        Self::Secret,
        Self::Sql,
        Self::Transfer,
    ];

    /// Its name in figures, which is that of the interface in
    /// `tenon:connector` where it is one of these.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wasi => "wasi",
            Self::Call => "call",
            Self::Config => "config",
            Self::Database => "database",
            Self::Files => "files",
            Self::Http => "http",
            Self::Kv => "kv",
            Self::Log => "log",
            Self::Scratch => "scratch",
            Self::Secret => "secret",
            Self::Sql => "sql",
            Self::Transfer => "transfer",
        }
    }
}

/// How often each interface was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostCalls([u64; Interface::ALL.len()]);

impl HostCalls {
    /// Each interface with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Interface, u64)> {
        Interface::ALL.into_iter().zip(self.0)
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Counters of one call. Watched by the dispatcher's limits, reported in logs.
#[derive(Debug, Default)]
pub struct Meter {
    /// Whether the answer has begun.
    begun: AtomicBool,
    /// Bytes of the answer that were announced and not written yet.
    owed: AtomicU64,
    /// Bytes moved in either direction between caller and guest.
    moved: AtomicU64,
    /// Bytes of the guest's own requests.
    sent: AtomicU64,
    /// Bytes of the answers to them.
    received: AtomicU64,
    /// Bytes of log lines kept.
    logged: AtomicU64,
    /// Log lines kept.
    lines: AtomicU64,
    /// Outgoing requests made.
    requests: AtomicU64,
    /// Linear memory of the sandbox at the end of its latest operation.
    memory: AtomicU64,
    /// By interface, in the order of [`Interface::ALL`].
    host_calls: [AtomicU64; Interface::ALL.len()],
}

impl Meter {
    /// Notes that the answer has begun, and how long it is said to be.
    pub fn begin(&self, size: Option<u64>) {
        self.owed.store(size.unwrap_or_default(), Relaxed);
        self.begun.store(true, Relaxed);
    }

    /// Whether the answer has begun.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Relaxed)
    }

    /// Notes how much of the announced answer is still to come.
    pub fn set_owed(&self, bytes: u64) {
        self.owed.store(bytes, Relaxed);
    }

    /// Bytes of the answer that were announced and not written.
    pub fn owed(&self) -> u64 {
        self.owed.load(Relaxed)
    }

    /// Counts bytes that crossed between caller and guest.
    pub fn add_moved(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Relaxed);
    }

    /// Bytes that crossed between caller and guest so far.
    pub fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// Counts bytes of the guest's own requests on their way to a server.
    pub fn add_sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
    }

    /// Bytes that have gone anywhere so far: a sign of life.
    pub fn progress(&self) -> u64 {
        self.moved() + self.sent()
    }

    /// Bytes of the guest's own requests so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Counts bytes of a server's answer.
    pub fn add_received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Relaxed);
    }

    /// Bytes that servers have answered with so far.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Counts a log line and returns the bytes logged with it.
    pub fn add_logged(&self, bytes: usize) -> u64 {
        self.lines.fetch_add(1, Relaxed);
        self.logged.fetch_add(bytes as u64, Relaxed) + bytes as u64
    }

    /// Counts an outgoing request and returns their number with it.
    pub fn add_request(&self) -> u64 {
        self.requests.fetch_add(1, Relaxed) + 1
    }

    /// Outgoing requests made so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Log lines so far.
    pub fn lines(&self) -> u64 {
        self.lines.load(Relaxed)
    }

    /// Notes the memory that the sandbox has taken.
    pub fn set_memory(&self, bytes: u64) {
        self.memory.store(bytes, Relaxed);
    }

    /// Linear memory of the sandbox at the end of its latest operation, in
    /// bytes. Memory never shrinks, so that this is also the most it ever had.
    pub fn memory(&self) -> u64 {
        self.memory.load(Relaxed)
    }

    /// Counts a host call. One guest runs at a time, and nobody else counts
    /// here, so that a load and a store do.
    pub fn count(&self, interface: Interface) {
        if let Some(count) = self.host_calls.get(interface as usize) {
            count.store(count.load(Relaxed) + 1, Relaxed);
        }
    }

    /// Host calls so far.
    pub fn host_calls(&self) -> HostCalls {
        HostCalls(self.host_calls.each_ref().map(|count| count.load(Relaxed)))
    }
}
