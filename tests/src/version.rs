//! Any number of different components from one build of the guest `versions`:
//! its number and its fault stand in the binary as text, and are written over.

pub mod broken;

use std::fmt;

use sha2::Digest as _;

use crate::artefact;

const NUMBER: &str = "TENON-VERSION:0000";
const FAULT: &str = "TENON-FAULT:none............";
/// Bytes of every line of every file.
pub const LINE: usize = 16;
/// The file that fits one packet.
pub const SMALL: &str = "/small";
/// A file that no buffer on the way holds as a whole.
pub const LARGE: &str = "/large";
/// Lines of the small file, unless the connector says otherwise.
pub const SMALL_LINES: usize = 64;

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Panics when asked what it is.
    DescribeTraps,
    /// Never says what it is.
    DescribeSpins,
    /// Says that it wants files.
    WantsMore,
    /// Says that its configuration is refused by the system behind it.
    CheckDenies,
    /// Says that it does not reach the system behind it.
    CheckFails,
    /// Panics in one call of twenty.
    FailsFivePercent,
    /// Takes 40 ms for every operation.
    Slow,
}

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::DescribeTraps => "describe-traps",
            Self::DescribeSpins => "describe-spins",
            Self::WantsMore => "wants-more",
            Self::CheckDenies => "check-denies",
            Self::CheckFails => "check-fails",
            Self::FailsFivePercent => "fails-5-percent",
            Self::Slow => "slow",
        }
    }
}

/// A component and what it is known by.
#[derive(Clone)]
pub struct Version {
    /// What its answers say.
    pub number: u16,
    /// The component.
    pub bytes: Vec<u8>,
    /// `sha256:` and the digest of its bytes.
    pub digest: String,
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {} ({})", self.number, self.digest)
    }
}

/// A version without fault.
///
/// # Panics
///
/// See [`with`].
pub fn version(number: u16) -> Version {
    with(number, Fault::None)
}

/// A version with a fault.
///
/// # Panics
///
/// When `number` has more than four digits, or the guest has not been built.
pub fn with(number: u16, fault: Fault) -> Version {
    let bytes = std::fs::read(artefact::guest("versions")).expect("a guest");
    let bytes = written_over(bytes, NUMBER, &format!("TENON-VERSION:{number:04}"));
    let width = FAULT.len() - "TENON-FAULT:".len();
    let fault = format!("TENON-FAULT:{:.<width$}", fault.name());
    let bytes = written_over(bytes, FAULT, &fault);
    Version {
        number,
        digest: digest(&bytes),
        bytes,
    }
}

/// How the host names these bytes.
pub fn digest(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The small file, as this version tells it.
pub fn small(number: u16) -> String {
    line(number).repeat(SMALL_LINES)
}

/// The version that a body comes from, if all of it comes from one.
pub fn told(body: &[u8]) -> Option<u16> {
    let first = std::str::from_utf8(body.get(..LINE)?).ok()?;
    let number = first.strip_prefix("version ")?.get(..4)?.parse().ok()?;
    let line = line(number);
    let mut lines = body.chunks(LINE);
    lines
        .all(|found| found == line.as_bytes())
        .then_some(number)
}

fn line(number: u16) -> String {
    format!("version {number:04}...\n")
}

/// Replaces a text that stands in the binary exactly once.
fn written_over(mut bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "`{new}` does not fit");
    let places = places(&bytes, old);
    let [place] = places[..] else {
        panic!("`{old}` stands in the guest at {places:?}");
    };
    bytes[place..place + new.len()].copy_from_slice(new.as_bytes());
    bytes
}

fn places(bytes: &[u8], text: &str) -> Vec<usize> {
    let windows = bytes.windows(text.len()).enumerate();
    let found = windows.filter(|(_, window)| *window == text.as_bytes());
    found.map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_in_what_they_are_told_to() {
        let (one, two) = (version(1), version(2));
        assert_eq!(one.bytes.len(), two.bytes.len());
        assert_ne!(one.digest, two.digest);
        assert_eq!(version(1).digest, one.digest);
        assert_ne!(with(1, Fault::Slow).digest, one.digest);
    }

    #[test]
    fn a_body_of_two_versions_is_of_none() {
        let (one, two) = (small(1), small(2));
        assert_eq!(told(one.as_bytes()), Some(1));
        assert_eq!(told((one.clone() + &two).as_bytes()), None);
        assert_eq!(told(&one.as_bytes()[..LINE + 3]), None);
        assert_eq!(told(b""), None);
    }
}
