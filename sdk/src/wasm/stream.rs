//! Streams of the host. What is ready moves at once, in one host call; only a stream that is not
//! costs the calls of a wait.

use std::{any::Any, marker::PhantomData};

use super::{
    bindings::{
        connector::transfer,
        wasi::io::{
            error::Error as IoError,
            poll::Pollable,
            streams::{InputStream, OutputStream, StreamError},
        },
    },
    wait::Wait,
};
use crate::{
    Error, Result,
    transfer::{Head, stream_too_short},
};

/// Bytes to move in one host call. The host moves as many as it has at hand.
const SPLICE: u64 = 1024 * 1024;

/// Turns the host's error of a stream into ours. Only HTTP knows its streams' errors by a code.
type Explain = fn(&IoError) -> Error;

enum Held<'a> {
    Owned(InputStream),
    Borrowed(&'a InputStream),
}

pub(crate) struct Input<'a> {
    stream: Held<'a>,
    explain: Explain,
    /// Dropped after its child, the stream. Boxed, since a field of the parent's own type would
    /// make every plugin import that type's interface.
    _parent: Option<Box<dyn Any>>,
}

impl<'a> Input<'a> {
    pub(crate) fn owned(stream: InputStream) -> Self {
        Self {
            stream: Held::Owned(stream),
            explain: explain_plainly,
            _parent: None,
        }
    }

    pub(crate) fn borrowed(stream: &'a InputStream) -> Self {
        Self {
            stream: Held::Borrowed(stream),
            explain: explain_plainly,
            _parent: None,
        }
    }

    pub(crate) fn child(stream: InputStream, parent: impl Any, explain: Explain) -> Self {
        Self {
            stream: Held::Owned(stream),
            explain,
            _parent: Some(Box::new(parent)),
        }
    }

    pub(crate) fn stream(&self) -> &InputStream {
        match &self.stream {
            Held::Owned(stream) => stream,
            Held::Borrowed(stream) => stream,
        }
    }

    /// At most `max` bytes; empty at the end.
    pub(crate) fn chunk(&mut self, max: usize) -> Result<Vec<u8>> {
        let stream = self.stream();
        let mut wait = Wait::default();
        loop {
            match stream.read(max as u64) {
                Ok(bytes) if bytes.is_empty() => wait.until(&stream.subscribe())?,
                Ok(bytes) => return Ok(bytes),
                Err(StreamError::Closed) => return Ok(Vec::new()),
                Err(StreamError::LastOperationFailed(error)) => return Err((self.explain)(&error)),
            }
        }
    }
}

pub(crate) struct Output<'a> {
    stream: OutputStream,
    _of: PhantomData<&'a ()>,
}

impl Output<'_> {
    pub(crate) fn new(stream: OutputStream) -> Self {
        Self {
            stream,
            _of: PhantomData,
        }
    }

    pub(crate) fn write_all(&mut self, mut bytes: &[u8]) -> Result<()> {
        let mut wait = Wait::default();
        while !bytes.is_empty() {
            let room = self.stream.check_write().map_err(receiver_gone)?;
            if room == 0 {
                wait.until(&self.stream.subscribe())?;
                continue;
            }
            let (now, later) =
                bytes.split_at(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            self.stream.write(now).map_err(receiver_gone)?;
            bytes = later;
        }
        Ok(())
    }
}

pub(crate) struct Sink<'a>(pub(crate) &'a transfer::Sink);

impl<'a> Sink<'a> {
    pub(crate) fn begin(self, head: Head) -> Result<Output<'a>> {
        let Head {
            size,
            media_type,
            etag,
        } = head;
        Ok(Output::new(self.0.begin(&transfer::Head {
            size,
            media_type,
            etag,
        })))
    }
}

/// Bytes that the host holds.
#[derive(Clone)]
pub(crate) struct Blob<'a>(&'a transfer::Blob);

impl<'a> Blob<'a> {
    pub(crate) fn new(blob: &'a transfer::Blob) -> Self {
        Self(blob)
    }

    pub(crate) fn size(&self) -> u64 {
        self.0.size()
    }

    pub(crate) fn read(&self, offset: u64, max: u32) -> Result<Vec<u8>> {
        Ok(self.0.read(offset, max))
    }

    pub(crate) fn open(&self, offset: u64) -> Result<Input<'static>> {
        Ok(Input::owned(self.0.open(offset)))
    }
}

/// Why a copy stopped.
pub(crate) enum Stop {
    /// The source failed or the call was cancelled.
    Failed(Error),
    /// The receiver takes no more.
    ReceiverGone(Error),
    /// The event given as interrupt came.
    Interrupted,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Moves everything, or exactly `expected` bytes, and says how many that were.
pub(crate) fn copy(
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    expected: Option<u64>,
) -> Result<u64> {
    copy_unless(input, output, expected, None).map_err(|stop| match stop {
        Stop::Failed(error) | Stop::ReceiverGone(error) => error,
        Stop::Interrupted => Error::cancelled(),
    })
}

/// Moves everything, or exactly `expected` bytes, unless `interrupt` is ready while the receiver
/// is not.
pub(crate) fn copy_unless(
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    expected: Option<u64>,
    interrupt: Option<&Pollable>,
) -> Result<u64, Stop> {
    let (source, target) = (input.stream(), &output.stream);
    let mut wait = Wait::default();
    let mut moved = 0;
    // With a known size the end needs no host call of its own.
    while expected.is_none_or(|expected| moved < expected) {
        let most = expected.map_or(SPLICE, |expected| SPLICE.min(expected - moved));
        match target.splice(source, most) {
            Ok(0) => match (
                target
                    .check_write()
                    .map_err(|error| Stop::ReceiverGone(receiver_gone(error)))?,
                interrupt,
            ) {
                (0, None) => wait.until(&target.subscribe())?,
                (0, Some(interrupt)) => {
                    if wait.until_either(&target.subscribe(), interrupt)? {
                        return Err(Stop::Interrupted);
                    }
                }
                _ => wait.until(&source.subscribe())?,
            },
            Ok(bytes) => moved += bytes,
            Err(error) => {
                // The error does not say which of the two streams it is of.
                target
                    .check_write()
                    .map_err(|error| Stop::ReceiverGone(receiver_gone(error)))?;
                match (error, expected) {
                    (StreamError::LastOperationFailed(error), _) => {
                        return Err(Stop::Failed((input.explain)(&error)));
                    }
                    (StreamError::Closed, None) => return Ok(moved),
                    (StreamError::Closed, Some(expected)) => {
                        return Err(Stop::Failed(stream_too_short(expected - moved)));
                    }
                }
            }
        }
    }
    Ok(moved)
}

fn explain_plainly(error: &IoError) -> Error {
    Error::unavailable(error.to_debug_string())
}

fn receiver_gone(error: StreamError) -> Error {
    match error {
        StreamError::Closed => Error::unavailable("the receiver takes no more bytes"),
        StreamError::LastOperationFailed(error) => explain_plainly(&error),
    }
}
