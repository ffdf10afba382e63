//! A file's bytes, whatever a store has them in.

use std::borrow::Cow;

use super::{Head, Reader, Sink};
use crate::Result;

/// Bytes to take at a time from a stream that cannot start in the middle.
const SKIP: usize = 64 * 1024;

/// A whole file: made of a `String`, a `&'static str`, bytes or a [`Reader`] with `into()`.
#[derive(Debug)]
pub struct Content {
    body: Body,
    head: Head,
}

#[derive(Debug)]
enum Body {
    Bytes(Cow<'static, [u8]>),
    Stream(Reader<'static>),
}

impl Content {
    /// Sets the media type, such as `text/plain`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.head.media_type = Some(media_type.into());
        self
    }

    /// Sets what changes when the bytes do.
    #[must_use]
    pub fn etag(mut self, etag: impl Into<String>) -> Self {
        self.head.etag = Some(etag.into());
        self
    }

    /// Sends the bytes from `offset` on; none when the file ends before.
    pub(super) fn send(self, offset: u64, into: Sink<'_>) -> Result<()> {
        match self.body {
            Body::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                into.send_bytes(self.head, bytes.get(start..).unwrap_or_default())
            }
            Body::Stream(mut stream) => {
                skip(&mut stream, offset)?;
                into.send(self.head, &mut stream)
            }
        }
    }

    fn new(body: Body) -> Self {
        Self {
            body,
            head: Head::default(),
        }
    }
}

fn skip(stream: &mut Reader<'_>, mut bytes: u64) -> Result<()> {
    while bytes > 0 {
        let most = usize::try_from(bytes).map_or(SKIP, |bytes| bytes.min(SKIP));
        let chunk = stream.chunk(most)?;
        if chunk.is_empty() {
            break;
        }
        bytes -= chunk.len() as u64;
    }
    Ok(())
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(Body::Bytes(bytes.into()))
    }
}

impl From<&'static [u8]> for Content {
    fn from(bytes: &'static [u8]) -> Self {
        Self::new(Body::Bytes(bytes.into()))
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&'static str> for Content {
    fn from(text: &'static str) -> Self {
        text.as_bytes().into()
    }
}

impl From<Reader<'static>> for Content {
    fn from(stream: Reader<'static>) -> Self {
        Self::new(Body::Stream(stream))
    }
}
