//! Bulk bytes. A plugin joins a [`Reader`] and a [`Writer`] and the host moves what lies between,
//! so that a file of any size never enters the plugin's memory.

mod blob;

use std::{fmt, io};

pub use blob::Blob;

use crate::{Error, Result, backend::stream};

/// What is known of the bytes before the first one is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Exact number of bytes that will follow. A body that ends with another number is broken
    /// off, never ended cleanly.
    pub size: Option<u64>,
    /// The media type of the bytes, such as `text/plain`.
    pub media_type: Option<String>,
    /// Changes when the bytes do.
    pub etag: Option<String>,
}

/// Where an operation sends its bytes.
///
/// An error before [`begin`](Self::begin) is a status. After it, an error is an abort: the
/// receiver sees the transfer break.
pub struct Sink<'a>(pub(crate) stream::Sink<'a>);

impl<'a> Sink<'a> {
    /// Announces the body and returns the stream that carries it.
    pub fn begin(self, head: Head) -> Result<Writer<'a>> {
        self.0.begin(head).map(Writer)
    }

    /// Announces the body and sends the whole of `content` as it. Where the head names no size,
    /// that of the content is announced.
    pub fn send(self, mut head: Head, content: &mut Reader<'_>) -> Result<()> {
        head.size = head.size.or(content.remaining());
        content.copy_to(&mut self.begin(head)?).map(drop)
    }

    /// Announces the body and sends these bytes as it.
    pub fn send_bytes(self, mut head: Head, content: &[u8]) -> Result<()> {
        head.size = Some(content.len() as u64);
        self.begin(head)?.write_all(content)
    }
}

/// A stream of bytes to read.
pub struct Reader<'a> {
    pub(crate) input: stream::Input<'a>,
    /// Bytes that must still come, when the sender said how many.
    remaining: Option<u64>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: stream::Input<'a>, size: Option<u64>) -> Self {
        Self {
            input,
            remaining: size,
        }
    }

    /// The number of bytes still to come, when it is known. A stream that ends before is an error.
    pub fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    /// Moves everything that is left into `writer`, outside the plugin's memory, and says how
    /// many bytes that were.
    pub fn copy_to(&mut self, writer: &mut Writer<'_>) -> Result<u64> {
        let moved = stream::copy(&mut self.input, &mut writer.0, self.remaining)?;
        self.advance(moved)?;
        Ok(moved)
    }

    /// The next bytes, at most `max`; empty at the end.
    pub fn chunk(&mut self, max: usize) -> Result<Vec<u8>> {
        let max = self
            .remaining
            .map_or(max, |left| max.min(usize::try_from(left).unwrap_or(max)));
        if max == 0 {
            return Ok(Vec::new());
        }
        let chunk = self.input.chunk(max)?;
        if chunk.is_empty() {
            self.complete()?;
        }
        self.advance(chunk.len() as u64)?;
        Ok(chunk)
    }

    /// All that is left, for documents that a plugin must see as a whole. More than `max` bytes
    /// are an error.
    pub fn read_all(&mut self, max: usize) -> Result<Vec<u8>> {
        /// As much as the host hands over in one call.
        const CHUNK: usize = 64 * 1024;
        let mut all = Vec::new();
        loop {
            let chunk = self.chunk(CHUNK)?;
            if chunk.is_empty() {
                return Ok(all);
            }
            if all.len() + chunk.len() > max {
                return Err(Error::unavailable(format!(
                    "a document is larger than {max} bytes"
                )));
            }
            if all.is_empty() {
                all = chunk;
            } else {
                all.extend_from_slice(&chunk);
            }
        }
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        if let Some(left) = &mut self.remaining {
            *left = left.checked_sub(bytes).ok_or_else(stream_too_long)?;
        }
        Ok(())
    }

    /// Checks that nothing follows what was announced.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.input.chunk(1)?.is_empty() {
            Ok(())
        } else {
            Err(stream_too_long())
        }
    }

    fn complete(&self) -> Result<()> {
        match self.remaining {
            Some(left) if left > 0 => Err(stream_too_short(left)),
            _ => Ok(()),
        }
    }
}

/// The error of a stream that goes on after its announced size.
pub(crate) fn stream_too_long() -> Error {
    Error::invalid("a stream was longer than announced")
}

/// The error of a stream that ended `missing` bytes before its announced size.
pub(crate) fn stream_too_short(missing: u64) -> Error {
    Error::unavailable(format!("a stream ended {missing} bytes too early"))
}

impl io::Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.chunk(buffer.len())?;
        if let Some(target) = buffer.get_mut(..chunk.len()) {
            target.copy_from_slice(&chunk);
        }
        Ok(chunk.len())
    }
}

/// A stream to send bytes into. Dropping it after an error breaks the transfer off.
pub struct Writer<'a>(pub(crate) stream::Output<'a>);

impl Writer<'_> {
    /// Sends all these bytes.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes)
    }
}

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// Does nothing: the host passes bytes on as they come.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
