//! What one connector, and one tenant, may use at most.
//!
//! The dispatcher, the sandbox and every capability each enforce their part;
//! the numbers stand together here, so that an operator finds them in one
//! table and no part of the host needs to know the configuration's form. A
//! broken limit ends the one call that broke it and is named in its outcome.

/// Limits of one connector. Unless a field says otherwise, they hold for each
/// call on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of the sandbox, all its modules together. 64 MiB hold
    /// every plugin that streams, and a thousand of them fit a 64 GiB machine.
    pub memory_bytes: u64,
    /// Elements of one table. Compilers put function pointers there; 20,000
    /// cover a large Rust plugin five times over.
    pub table_elements: u32,
    /// Core instances of one component. A Rust plugin has about five.
    pub core_instances: u32,
    /// From admission to the first byte of the answer. What a person waits.
    pub first_byte_ms: u64,
    /// The window in which `progress_bytes_min` must move, once a transfer
    /// has begun. A stalled peer shows within one window.
    pub progress_window_ms: u64,
    /// Bytes that must move in a window, in either direction. One is enough
    /// to tell a slow transfer from a dead one.
    pub progress_bytes_min: u64,
    /// From admission to the end of the call. None by default, because large
    /// files take as long as they take.
    pub total_ms: Option<u64>,
    /// Time on a processor. Ten seconds are far beyond what moving bytes
    /// takes, and short enough to stop a loop.
    pub cpu_ms: u64,
    /// Calls of the connector at one time; the next is refused.
    pub concurrent_calls: u32,
    /// Calls of the connector in a second; the next is refused.
    pub calls_per_second: Option<u32>,
    /// Handles a sandbox holds: streams, requests, files, pollables.
    pub handles: u32,
    /// Bytes one host call may copy out of the sandbox. Bulk data is spliced
    /// and never counts.
    pub hostcall_bytes: u64,
    /// Random bytes one host call returns. A key or nonce needs 64.
    pub random_bytes: u64,
    /// Outgoing requests. A deep recursive listing makes one per folder.
    pub http_requests: u64,
    /// Outgoing requests open at one time.
    pub http_open: u32,
    /// Bytes of an uploaded file.
    pub upload_bytes: Option<u64>,
    /// Bytes of an answer.
    pub response_bytes: Option<u64>,
    /// Bytes of log lines.
    pub log_bytes: u64,
    /// Bytes of a request body that is held in memory to be read, such as
    /// JSON. An uploaded file is streamed and counts as `upload_bytes`. Eight
    /// MiB describe some twenty thousand files, and a sandbox of the default
    /// size can still parse them.
    pub request_body_bytes: u64,
    /// Bytes of the rows that one statement returns, as they are packed. A
    /// page of a listing takes a hundredth of it, and a sandbox of the default
    /// size can hold and decode it.
    pub sql_result_bytes: u64,
    /// Bytes of one value of a key-value store, all fields of a hash together.
    /// Metadata of an object takes a hundredth of it.
    pub kv_value_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            table_elements: 20_000,
            core_instances: 16,
            first_byte_ms: 30_000,
            progress_window_ms: 30_000,
            progress_bytes_min: 1,
            total_ms: None,
            cpu_ms: 10_000,
            concurrent_calls: 256,
            calls_per_second: None,
            handles: 4096,
            hostcall_bytes: 16 << 20,
            random_bytes: 64 << 10,
            http_requests: 1000,
            http_open: 64,
            upload_bytes: None,
            response_bytes: None,
            log_bytes: 64 << 10,
            request_body_bytes: 8 << 20,
            sql_result_bytes: 8 << 20,
            kv_value_bytes: 4 << 20,
        }
    }
}

/// Limits over all connectors of one tenant together. None by default: the
/// connectors' own limits hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantLimits {
    /// Calls of the tenant at one time; the next is refused.
    pub concurrent_calls: Option<u32>,
    /// Calls of the tenant in a second; the next is refused.
    pub calls_per_second: Option<u32>,
}

/// What a component may cost before anything is known of it. A broken one
/// refuses the component and names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Bytes of the file. 64 MiB hold a Python runtime with its library.
    pub component_bytes: u64,
    /// Time to compile it. A Python runtime takes half a minute on one core.
    pub compile_ms: u64,
    /// Address space of the process that compiles it.
    pub compile_memory_bytes: u64,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self {
            component_bytes: 64 << 20,
            compile_ms: 120_000,
            compile_memory_bytes: 4 << 30,
        }
    }
}

/// Calls within calls, deepest. A processor calls a database, which may stand
/// in front of another; anything longer is a mistake.
pub const NESTED_CALLS_MAX: u8 = 2;

/// How long a sandbox lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Isolation {
    /// A fresh sandbox for every call.
    #[default]
    Call,
    /// A sandbox serves several calls of one connector, one after the other.
    Warm(Warm),
    /// A sandbox serves a run of messages with hardly a pause between them, and
    /// is gone when the run is over. One that fails in it is looked at again
    /// alone.
    Batch(Batch),
    /// One sandbox serves all calls of a connector, one after the other, and
    /// hands its state to the version that replaces it.
    LongLived(LongLived),
}

/// When a reused sandbox is given up. A trap, a broken limit or a
/// cancellation always gives it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warm {
    /// Calls it serves. Bounds what a slow leak can take.
    pub calls_max: u32,
    /// Idle time after which its memory goes back.
    pub idle_ms: u64,
    /// Linear memory above which it is not used again.
    pub memory_bytes_max: u64,
}

impl Default for Warm {
    fn default() -> Self {
        Self {
            calls_max: 100,
            idle_ms: 30_000,
            memory_bytes_max: 16 << 20,
        }
    }
}

/// When the sandbox of a run of messages is given up. A trap, a broken limit
/// or a cancellation always gives it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Messages it serves. Fifty share the price of its start.
    pub messages_max: u32,
    /// The pause that ends the run. Twenty milliseconds are long for a queue
    /// with something in it, and short to keep one message's data for.
    pub idle_ms: u64,
    /// Linear memory above which it is not used again.
    pub memory_bytes_max: u64,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            messages_max: 50,
            idle_ms: 20,
            memory_bytes_max: Warm::default().memory_bytes_max,
        }
    }
}

/// What the one sandbox that lives over calls allows. A trap, a broken limit
/// or a cancelled call that does not return gives it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongLived {
    /// How long a call waits for the one before; then it is refused as
    /// `overloaded`. A second covers a burst and is less than callers wait.
    pub wait_ms: u64,
    /// How long a call in progress may go on once its version was replaced,
    /// before it is asked to return. Most calls end by themselves; one that
    /// waits for something to happen does not.
    pub return_ms: u64,
    /// Bytes of the state that one version hands to the next.
    pub state_bytes_max: u64,
    /// Time for a hand-over as a whole, while calls wait: the call in progress
    /// included. When it is over, the new version starts without a state.
    pub handoff_ms: u64,
}

impl Default for LongLived {
    fn default() -> Self {
        Self {
            wait_ms: 1_000,
            return_ms: 1_000,
            state_bytes_max: 8 << 20,
            handoff_ms: 5_000,
        }
    }
}
