//! One scratch file and what it takes of the quota.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::Grant;
use crate::capability::Limit;
use crate::capability::transfer::CHUNK_BYTES_MAX;
use crate::capability::usage::Usage;

/// A file without a name; its bytes go when the last stream on it does.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    size: AtomicU64,
    used: Arc<AtomicU64>,
    bytes_max: u64,
    usage: Arc<Usage>,
}

impl Spool {
    pub(super) fn create(
        grant: &Grant,
        used: Arc<AtomicU64>,
        usage: Arc<Usage>,
    ) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(&grant.directory)?,
            size: AtomicU64::new(0),
            used,
            bytes_max: grant.bytes_max,
            usage,
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    fn append(&self, bytes: &[u8]) -> StreamResult<()> {
        let len = bytes.len() as u64;
        let used = self.used.fetch_add(len, Ordering::AcqRel) + len;
        if used > self.bytes_max {
            self.used.fetch_sub(len, Ordering::AcqRel);
            let limit = Limit::new("scratch_bytes", format_args!("{} bytes", self.bytes_max));
            return Err(StreamError::Trap(limit.into()));
        }
        self.usage.spooled(used);
        let end = self.size.fetch_add(len, Ordering::AcqRel);
        self.file
            .write_all_at(bytes, end)
            .map_err(|error| StreamError::LastOperationFailed(error.into()))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.used.fetch_sub(self.size(), Ordering::AcqRel);
    }
}

impl AsFd for Spool {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Writes at the end of a scratch file.
#[derive(Debug)]
pub(super) struct Append(pub(super) Arc<Spool>);

#[wasmtime_wasi::async_trait]
impl Pollable for Append {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Append {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.append(&bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK_BYTES_MAX)
    }
}
