//! SHA-256 as manifests have it: 64 lower-case digits.

use std::fmt::Write;

use sha2::{Digest as _, Sha256};

/// Digits of a digest.
pub(crate) const LENGTH: usize = 64;

/// A digest in the making.
#[derive(Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        let mut text = String::with_capacity(LENGTH);
        for byte in self.0.finalize() {
            // Writing to a string does not fail.
            _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The digest of these bytes.
pub(crate) fn of(bytes: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.finish()
}
