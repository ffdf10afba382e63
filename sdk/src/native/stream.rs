//! Streams of this process. Bytes travel as [`Bytes`], so that a chunk read from a file reaches
//! the receiver without being copied.

use std::{
    fs::File,
    io::{self, Read},
    sync::Arc,
};

use bytes::Bytes;

use super::{call, files::FileSource};
use crate::{
    Error, Result,
    transfer::{Blob as PublicBlob, Head, Reader, Sink as PublicSink, stream_too_short},
};

/// Bytes to ask a source for at a time.
const CHUNK: usize = 256 * 1024;

/// Where a stream's bytes come from.
pub trait Source: Send {
    /// At most `max` bytes, at least one; none at the end.
    fn next(&mut self, max: usize) -> io::Result<Option<Bytes>>;
}

/// Where an operation's bytes go.
pub trait Receiver {
    /// Takes what is known of the bytes, before the first one.
    fn begin(&mut self, head: Head) -> Result<()>;

    /// Takes the next bytes.
    fn send(&mut self, bytes: Bytes) -> io::Result<()>;
}

/// A [`Receiver`] that keeps everything, for tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    /// What came first; none when the body was not begun.
    pub head: Option<Head>,
    /// What came then.
    pub bytes: Vec<u8>,
}

impl Receiver for Collected {
    fn begin(&mut self, head: Head) -> Result<()> {
        self.head = Some(head);
        Ok(())
    }

    fn send(&mut self, bytes: Bytes) -> io::Result<()> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }
}

impl<'a> PublicSink<'a> {
    /// A sink that leads to `receiver`.
    pub fn to(receiver: &'a mut dyn Receiver) -> Self {
        Self(Sink(receiver))
    }
}

impl PublicBlob<'static> {
    /// These bytes.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Blob::bytes(bytes.into()))
    }

    /// What is in a file.
    pub fn from_file(file: File) -> Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self::new(Blob::file(file, size)))
    }
}

impl Reader<'static> {
    /// A stream of these bytes.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Self::from_source(bytes, Some(size))
    }

    /// A stream of what `source` gives, `size` bytes when that is known.
    pub fn from_source(source: impl Source + 'static, size: Option<u64>) -> Self {
        Self::new(Input::new(source), size)
    }

    /// A stream of what `read` gives, `size` bytes when that is known.
    pub fn from_read(read: impl Read + Send + 'static, size: Option<u64>) -> Self {
        Self::from_source(ReadSource(read), size)
    }
}

impl Source for Bytes {
    fn next(&mut self, max: usize) -> io::Result<Option<Bytes>> {
        Ok((!self.is_empty()).then(|| self.split_to(max.min(self.len()))))
    }
}

pub(super) struct ReadSource<R>(R);

impl<R> ReadSource<R> {
    pub(super) fn new(read: R) -> Self {
        Self(read)
    }
}

impl<R: Read + Send> Source for ReadSource<R> {
    fn next(&mut self, max: usize) -> io::Result<Option<Bytes>> {
        let mut buffer = vec![0; max];
        let count = self.0.read(&mut buffer)?;
        buffer.truncate(count);
        Ok((count > 0).then(|| buffer.into()))
    }
}

pub(crate) struct Input<'a> {
    source: Box<dyn Source>,
    /// Streams of the host may be borrowed; those of this process never are.
    _of: std::marker::PhantomData<&'a ()>,
}

impl Input<'_> {
    pub(crate) fn new(source: impl Source + 'static) -> Self {
        Self {
            source: Box::new(source),
            _of: std::marker::PhantomData,
        }
    }

    /// At most `max` bytes; empty at the end.
    pub(crate) fn chunk(&mut self, max: usize) -> Result<Vec<u8>> {
        self.next(max).map(Into::into)
    }

    /// At most `max` bytes, as the source has them; empty at the end.
    pub(crate) fn next(&mut self, max: usize) -> Result<Bytes> {
        if call::cancelled() {
            return Err(Error::cancelled());
        }
        Ok(self.source.next(max)?.unwrap_or_default())
    }
}

pub(crate) enum Output<'a> {
    Receiver(&'a mut dyn Receiver),
    Writer(Box<dyn io::Write>),
}

impl Output<'_> {
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.send(Bytes::copy_from_slice(bytes))
    }

    fn send(&mut self, bytes: Bytes) -> Result<()> {
        match self {
            Self::Receiver(receiver) => receiver.send(bytes)?,
            Self::Writer(writer) => writer.write_all(&bytes)?,
        }
        Ok(())
    }
}

pub(crate) struct Sink<'a>(&'a mut dyn Receiver);

impl<'a> Sink<'a> {
    pub(crate) fn begin(self, head: Head) -> Result<Output<'a>> {
        self.0.begin(head)?;
        Ok(Output::Receiver(self.0))
    }
}

/// Where a blob's bytes are.
#[derive(Clone)]
enum Held {
    Bytes(Bytes),
    File(Arc<File>, u64),
}

#[derive(Clone)]
pub(crate) struct Blob<'a> {
    held: Held,
    /// Blobs of the host are borrowed; those of this process never are.
    _of: std::marker::PhantomData<&'a ()>,
}

impl Blob<'_> {
    fn bytes(bytes: Bytes) -> Self {
        Self::new(Held::Bytes(bytes))
    }

    fn file(file: File, size: u64) -> Self {
        Self::new(Held::File(Arc::new(file), size))
    }

    fn new(held: Held) -> Self {
        let _of = std::marker::PhantomData;
        Self { held, _of }
    }

    pub(crate) fn size(&self) -> u64 {
        match &self.held {
            Held::Bytes(bytes) => bytes.len() as u64,
            Held::File(_, size) => *size,
        }
    }

    /// Up to `max` bytes from `offset`; fewer only at the end.
    pub(crate) fn read(&self, offset: u64, max: u32) -> Result<Vec<u8>> {
        let mut input = self.open(offset)?;
        let mut read = Vec::new();
        while let Some(left) = (max as usize)
            .checked_sub(read.len())
            .filter(|&left| left > 0)
        {
            let chunk = input.next(left)?;
            if chunk.is_empty() {
                break;
            }
            if read.is_empty() {
                read = chunk.into();
            } else {
                read.extend_from_slice(&chunk);
            }
        }
        Ok(read)
    }

    pub(crate) fn open(&self, offset: u64) -> Result<Input<'static>> {
        Ok(match &self.held {
            Held::Bytes(bytes) => {
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                Input::new(bytes.slice(start..))
            }
            Held::File(file, _) => Input::new(FileSource::new(Arc::clone(file), offset)),
        })
    }
}

/// Moves everything, or exactly `expected` bytes, and says how many that were.
pub(crate) fn copy(
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    expected: Option<u64>,
) -> Result<u64> {
    let mut moved = 0;
    while expected.is_none_or(|expected| moved < expected) {
        let most = expected.map_or(CHUNK, |expected| {
            usize::try_from(expected - moved).map_or(CHUNK, |left| left.min(CHUNK))
        });
        let chunk = input.next(most)?;
        if chunk.is_empty() {
            return match expected {
                Some(expected) => Err(stream_too_short(expected - moved)),
                None => Ok(moved),
            };
        }
        moved += chunk.len() as u64;
        output.send(chunk)?;
    }
    Ok(moved)
}
