//! Three digests in one pass.

use std::fmt::Write;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tenon_sdk::{Result, transfer::Reader};

/// Digests of one content, in lower-case hexadecimal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) md5: String,
    pub(crate) sha1: String,
    pub(crate) sha256: String,
}

impl Digests {
    /// Those of all that is left to read, which is taken `chunk_bytes` at a time.
    pub(crate) fn of(content: &mut Reader<'_>, chunk_bytes: usize) -> Result<Self> {
        let (mut md5, mut sha1, mut sha256) = (Md5::new(), Sha1::new(), Sha256::new());
        loop {
            let chunk = content.chunk(chunk_bytes)?;
            if chunk.is_empty() {
                break;
            }
            md5.update(&chunk);
            sha1.update(&chunk);
            sha256.update(&chunk);
        }
        Ok(Self {
            md5: hexadecimal(&md5.finalize()),
            sha1: hexadecimal(&sha1.finalize()),
            sha256: hexadecimal(&sha256.finalize()),
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
