//! The content of an uploaded file: counted and digested as it comes, and
//! kept only when it is small.

use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};

use crate::exchange::{Broken, Exchange};

/// The most that is kept of a file's content.
pub const KEPT: u64 = 1 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) size: u64,
    /// In hexadecimal.
    pub(crate) md5: String,
    pub(crate) kept: Option<Bytes>,
}

impl Content {
    /// Reads a body to its end.
    pub(crate) async fn receive(exchange: &mut Exchange) -> Result<Self, Broken> {
        let mut digest = Md5::new();
        let mut kept = BytesMut::new();
        let mut size = 0;
        while let Some(chunk) = exchange.chunk().await? {
            digest.update(&chunk);
            size += chunk.len() as u64;
            if size <= KEPT {
                kept.extend_from_slice(&chunk);
            }
        }
        Ok(Self {
            size,
            md5: hex(&digest.finalize()),
            kept: (size <= KEPT).then(|| kept.freeze()),
        })
    }

    /// Of bytes that are all there.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let size = bytes.len() as u64;
        Self {
            size,
            md5: hex(&Md5::digest(bytes)),
            // A copy, so that a kept file does not keep what it came in.
            kept: (size <= KEPT).then(|| Bytes::copy_from_slice(bytes)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
