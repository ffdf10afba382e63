//! Memory and tables of one sandbox. Wasmtime's own limits only say that
//! growing failed; this one remembers which limit it was.

use wasmtime::ResourceLimiter;

use super::Profile;
use crate::capability::Limit;
use crate::limits::Limits;

/// Refuses growth past a connector's limits, naming the limit.
#[derive(Debug)]
pub(super) struct Limiter {
    memory_bytes_max: u64,
    table_elements_max: u32,
    core_instances_max: usize,
    /// Linear memory in use, over all memories of the sandbox.
    memory_bytes: usize,
}

impl Limiter {
    pub(super) fn new(limits: &Limits, profile: Profile) -> Self {
        Self {
            memory_bytes_max: limits.memory_bytes.min(profile.memory_bytes_max()),
            table_elements_max: limits.table_elements,
            core_instances_max: limits.core_instances as usize,
            memory_bytes: 0,
        }
    }

    /// Linear memory in use, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The plugin's own bound, which it has ways to deal with.
            return Ok(false);
        }
        let total = self.memory_bytes - current.min(self.memory_bytes) + desired;
        if total as u64 > self.memory_bytes_max {
            let allowed = format!("{} bytes", self.memory_bytes_max);
            return Err(Limit::new("memory_bytes", allowed).into());
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.table_elements_max as usize {
            return Err(Limit::new("table_elements", self.table_elements_max).into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.core_instances_max
    }

    fn tables(&self) -> usize {
        self.core_instances_max
    }

    fn memories(&self) -> usize {
        self.core_instances_max
    }
}
