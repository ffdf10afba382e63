//! File bytes on their way from the disk to a component.
//!
//! A read that the page cache answers takes microseconds, less than handing
//! it to another thread and back. Reads therefore run where the component
//! runs, unless a directory is known to be slow.

use std::io;
use std::os::fd::AsFd;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use tokio::runtime::{Handle, RuntimeFlavor};
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

use super::transfer::CHUNK_BYTES_MAX;

/// Which thread waits for the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Io {
    /// The one the component runs on. Right for local disks: a disk that
    /// hangs would stall a worker with everything that waits for it.
    #[default]
    Inline,
    /// A thread that may wait, while the worker's other tasks move on. Right
    /// for network mounts.
    Offload,
}

impl Io {
    /// Runs a file operation where this says.
    pub(super) fn run<T>(self, operation: impl FnOnce() -> T) -> T {
        if self == Self::Offload && may_block_in_place() {
            tokio::task::block_in_place(operation)
        } else {
            operation()
        }
    }
}

/// A runtime of one thread has nowhere to move its other tasks.
fn may_block_in_place() -> bool {
    Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Reads a range of a file front to back.
///
/// The range is fixed when the stream is opened: a file that grows meanwhile
/// is read to its old end, one that shrinks breaks the stream.
#[derive(Debug)]
pub(super) struct Reader<F> {
    file: F,
    next: u64,
    end: u64,
    io: Io,
}

impl<F: AsFd> Reader<F> {
    /// A stream of the bytes from `start` up to `end`.
    pub(super) fn new(file: F, start: u64, end: u64, io: Io) -> Self {
        Self {
            file,
            next: start,
            end,
            io,
        }
    }

    fn read_some(&mut self, size: usize) -> io::Result<Bytes> {
        // Filled in place: zeroing it first would cost as much as the copy
        // out of the page cache.
        let mut bytes = Vec::with_capacity(size);
        self.io.run(|| {
            rustix::io::retry_on_intr(|| {
                rustix::io::pread(&self.file, spare_capacity(&mut bytes), self.next)
            })
        })?;
        bytes.truncate(size);
        if bytes.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        self.next += bytes.len() as u64;
        Ok(bytes.into())
    }
}

#[wasmtime_wasi::async_trait]
impl<F: AsFd + Send + Sync + 'static> Pollable for Reader<F> {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl<F: AsFd + Send + Sync + 'static> InputStream for Reader<F> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let left = self.end.saturating_sub(self.next);
        if left == 0 {
            return Err(StreamError::Closed);
        }
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let size = size.min(CHUNK_BYTES_MAX).min(left);
        if size == 0 {
            return Ok(Bytes::new());
        }
        self.read_some(size)
            .map_err(|error| StreamError::LastOperationFailed(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    fn file(content: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file.rewind().unwrap();
        file
    }

    fn collect(reader: &mut Reader<&'static std::fs::File>, step: usize) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            match reader.read(step) {
                Ok(bytes) => all.extend_from_slice(&bytes),
                Err(StreamError::Closed) => return all,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn leak(content: &[u8]) -> &'static std::fs::File {
        Box::leak(Box::new(file(content)))
    }

    #[test]
    fn reads_a_range_in_steps_of_any_size() {
        let content: Vec<u8> = (0..=255).cycle().take(CHUNK_BYTES_MAX + 77).collect();
        let file = leak(&content);
        for (start, step) in [(0, 1000), (0, usize::MAX), (5, 3_000_000)] {
            let mut reader = Reader::new(file, start, content.len() as u64, Io::Inline);
            assert_eq!(collect(&mut reader, step), content[start as usize..]);
        }
    }

    #[test]
    fn a_file_that_grows_is_read_to_its_old_end() {
        let file = leak(b"0123456789");
        let mut reader = Reader::new(file, 0, 4, Io::Inline);
        assert_eq!(collect(&mut reader, 3), b"0123");
    }

    #[test]
    fn a_file_that_shrinks_breaks_the_stream() {
        let file = leak(b"0123456789");
        let mut reader = Reader::new(file, 0, 10, Io::Inline);
        assert_eq!(reader.read(4).unwrap(), "0123");
        file.set_len(4).unwrap();
        assert!(matches!(
            reader.read(4),
            Err(StreamError::LastOperationFailed(_))
        ));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn an_offloaded_read_lets_the_worker_go_on() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let reading = tokio::spawn(async move {
            Io::Offload.run(move || receiver.recv().unwrap());
        });
        // Sent by a task that needs the only worker.
        tokio::spawn(async move { sender.send(()).unwrap() })
            .await
            .unwrap();
        reading.await.unwrap();
    }
}
