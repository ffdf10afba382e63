//! Bytes of a spool file, readable at any offset by many guests at once.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use wasmtime_wasi::p2::InputStream;

use crate::capability::disk::{Io, Reader};

/// A file that no longer changes. The resource `blob`.
#[derive(Debug, Clone)]
pub struct Blob {
    file: Arc<File>,
    size: u64,
}

impl Blob {
    /// Wraps a file of a known size.
    pub fn new(file: Arc<File>, size: u64) -> Self {
        Self { file, size }
    }

    /// Number of bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes a read of up to `max` finds at `offset`.
    pub(super) fn available(&self, offset: u64, max: u32) -> u64 {
        self.size.saturating_sub(offset).min(u64::from(max))
    }

    /// A stream of the bytes from `offset` on.
    pub fn open(&self, offset: u64) -> impl InputStream + use<> {
        Reader::new(self.file.clone(), offset, self.size, Io::Inline)
    }

    /// Up to `max` bytes from `offset`; shorter only at the end.
    ///
    /// # Errors
    ///
    /// [`io::Error`] of the file system.
    pub fn read(&self, offset: u64, max: u32) -> io::Result<Vec<u8>> {
        // Guest-controlled: never allocate more than there is to read.
        let len = usize::try_from(self.available(offset, max)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}
