//! Bytes that can be read at any place.

use std::{
    fmt,
    io::{self, BufRead, Read, Seek, SeekFrom},
};

use super::Reader;
use crate::{Result, backend::stream};

/// Bytes to ask the host for at a time: enough that the price of a call does not show, and little
/// beside a sandbox's memory.
const BUFFER: u32 = 64 * 1024;

/// Bytes that can be read at any place, more than once, by [`Read`], [`BufRead`] and [`Seek`].
/// It begins at its first byte and keeps 64 KiB of what it has read, so that small steps cost no
/// call of the host.
pub struct Blob<'a> {
    source: stream::Blob<'a>,
    size: u64,
    position: u64,
    buffer: Vec<u8>,
    /// Where in the blob the buffer's first byte is.
    buffered_from: u64,
}

impl<'a> Blob<'a> {
    pub(crate) fn new(source: stream::Blob<'a>) -> Self {
        Self {
            size: source.size(),
            source,
            position: 0,
            buffer: Vec::new(),
            buffered_from: 0,
        }
    }

    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Up to `max` bytes from `offset` on; fewer only at the end.
    pub fn read_at(&self, offset: u64, max: u32) -> Result<Vec<u8>> {
        self.source.read(offset, max)
    }

    /// A stream of the bytes from `offset` on, to be moved outside the plugin's memory.
    pub fn open(&self, offset: u64) -> Result<Reader<'static>> {
        let size = self.size.saturating_sub(offset);
        Ok(Reader::new(self.source.open(offset)?, Some(size)))
    }

    /// The same bytes, from the first one on, with a position of their own.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self::new(self.source.clone())
    }

    /// What of the buffer is at the position.
    fn buffered(&self) -> &[u8] {
        let start = self.position.checked_sub(self.buffered_from);
        start
            .and_then(|start| self.buffer.get(usize::try_from(start).ok()?..))
            .unwrap_or_default()
    }
}

impl Read for Blob<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Blob<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffered().is_empty() && self.position < self.size {
            self.buffer = self.source.read(self.position, BUFFER)?;
            self.buffered_from = self.position;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }
}

/// A position past the end is none to complain of; there is nothing to read at it.
impl Seek for Blob<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob")
            .field("size", &self.size)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    /// More than two buffers, no byte like its neighbour.
    fn content() -> Vec<u8> {
        (0..150_000_u32).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn reads_everything_and_from_anywhere() {
        let content = content();
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &content).unwrap();
        for mut blob in [
            Blob::from_bytes(content.clone()),
            Blob::from_file(file).unwrap(),
        ] {
            let mut all = Vec::new();
            assert_eq!(blob.size(), content.len() as u64);
            blob.read_to_end(&mut all).unwrap();
            assert_eq!(all, content);
            assert_eq!(blob.seek(SeekFrom::End(-2)).unwrap(), 149_998);
            let mut two = [0; 2];
            blob.read_exact(&mut two).unwrap();
            assert_eq!(two, content[149_998..]);
            assert_eq!(blob.read(&mut two).unwrap(), 0);
            blob.rewind().unwrap();
            assert_eq!(blob.fill_buf().unwrap()[..9], content[..9]);
            assert_eq!(blob.read_at(70_000, 80_001).unwrap(), content[70_000..]);
            assert!(blob.read_at(150_001, 1).unwrap().is_empty());
            assert_eq!(blob.reopen().bytes().next().unwrap().unwrap(), content[0]);
            let rest = blob.open(140_000).unwrap().read_all(10_000).unwrap();
            assert_eq!(rest, content[140_000..]);
        }
    }

    #[test]
    fn small_steps_in_either_direction_stay_in_the_buffer() {
        let mut blob = Blob::from_bytes(content());
        let mut byte = [0];
        blob.seek(SeekFrom::Start(500)).unwrap();
        blob.read_exact(&mut byte).unwrap();
        blob.seek(SeekFrom::Current(-1)).unwrap();
        assert_eq!(blob.buffered_from, 500);
        blob.read_exact(&mut byte).unwrap();
        assert_eq!((byte[0], blob.buffered_from), (content()[500], 500));
        // Before the buffer, and back to where it was.
        blob.seek(SeekFrom::Start(3)).unwrap();
        blob.read_exact(&mut byte).unwrap();
        assert_eq!((byte[0], blob.buffered_from), (3, 3));
    }

    #[test]
    fn there_is_nothing_before_and_after() {
        let mut blob = Blob::from_bytes("abc");
        assert!(blob.seek(SeekFrom::Current(-1)).is_err());
        assert!(blob.seek(SeekFrom::End(i64::MIN)).is_err());
        assert_eq!(
            blob.seek(SeekFrom::End(i64::MAX)).unwrap(),
            i64::MAX as u64 + 3
        );
        assert_eq!(blob.read(&mut [0; 4]).unwrap(), 0);
        assert!(Blob::from_bytes("").fill_buf().unwrap().is_empty());
    }
}
