//! The digest by which a component is known everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The algorithm's name, as OCI's image specification writes it.
const PREFIX: &str = "sha256:";
const HEXADECIMAL_LENGTH: usize = 64;

/// `sha256:` and 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

/// A text that is no digest.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no digest: expected `sha256:` and 64 hexadecimal digits in lower case")]
pub struct DigestError(String);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::finished(Sha256::new_with_prefix(bytes))
    }

    /// The digest of all bytes that were put into a hasher.
    pub fn finished(hasher: Sha256) -> Self {
        let digest = hasher.finalize();
        let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{PREFIX}{hexadecimal}"))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, fit for a file name.
    pub fn hexadecimal(&self) -> &str {
        self.0.strip_prefix(PREFIX).unwrap_or(&self.0)
    }

    /// The first digits, enough for a person to tell versions apart.
    pub fn short(&self) -> &str {
        self.hexadecimal().get(..12).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_digest = text
            .strip_prefix(PREFIX)
            .is_some_and(|digits| digits.len() == HEXADECIMAL_LENGTH && digits.bytes().all(digit));
        if is_digest {
            Ok(Self(text.to_owned()))
        } else {
            Err(DigestError(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_sha256sum_prints() {
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.as_str(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(digest.short(), "ba7816bf8f01");
        assert_eq!(digest.as_str().parse(), Ok(digest));
    }

    #[test]
    fn refuses_what_could_mean_two_things() {
        let upper = format!("sha256:{}", "A".repeat(64));
        for text in ["", "latest", "sha256:abc", &upper] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
