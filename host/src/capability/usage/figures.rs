//! What one call cost.

use std::time::Duration;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::capability::call::{HostCalls, Interface, Meter};

/// What one call used, known once it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figures {
    /// `role.operation`.
    pub operation: &'static str,
    /// `ok`, or the outcome's name.
    pub outcome: &'static str,
    /// From its admission to its end, in microseconds.
    pub wall_us: u64,
    /// Time on a processor, in microseconds, to the tick of the engine.
    pub cpu_us: u64,
    /// Linear memory of the sandbox in bytes. Zero when the sandbox was
    /// dropped in mid-operation.
    pub memory_bytes: u64,
    /// By interface; those that were not called are left out. Where `wasi` or
    /// `http` answers with an error, that answer counts as a call of its own.
    #[serde(serialize_with = "by_name")]
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub host_calls: HostCalls,
    /// Bytes of contents that crossed between caller and plugin.
    pub moved_bytes: u64,
    /// Bytes of the bodies of its own requests.
    pub sent_bytes: u64,
    /// Bytes of the bodies that servers answered with.
    pub received_bytes: u64,
    /// Requests it made, refused ones among them.
    pub requests: u64,
    /// Log lines it wrote.
    pub log_lines: u64,
}

impl Figures {
    /// The figures of a call from its meter.
    pub fn new(
        operation: &'static str,
        outcome: &'static str,
        wall: Duration,
        cpu: Duration,
        meter: &Meter,
    ) -> Self {
        Self {
            operation,
            outcome,
            wall_us: micros(wall),
            cpu_us: micros(cpu),
            memory_bytes: meter.memory(),
            host_calls: meter.host_calls(),
            moved_bytes: meter.moved(),
            sent_bytes: meter.sent(),
            received_bytes: meter.received(),
            requests: meter.requests(),
            log_lines: meter.lines(),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn by_name<S: Serializer>(calls: &HostCalls, serializer: S) -> Result<S::Ok, S::Error> {
    let called = calls.iter().filter(|(_, count)| *count > 0);
    serializer.collect_map(called.map(|(interface, count)| (Interface::name(interface), count)))
}
