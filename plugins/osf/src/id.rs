//! Ids as the service makes them. Nothing else ever becomes a part of an address.

use std::fmt;

use serde::{Deserialize, Serialize};
use tenon_sdk::{Error, Result};

/// Longer is no id: projects have five letters, files twenty-four.
const LENGTH_MAX: usize = 64;

/// The id of a project, a folder or a file: five lower-case letters and digits, or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Id(String);

impl Id {
    pub(crate) fn new(text: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if (5..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("an id is five or more lower-case letters and digits").about(text))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::new(&text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use tenon_sdk::Kind;

    use super::*;

    #[test]
    fn only_lower_case_letters_and_digits_are_an_id() {
        for text in ["abcde", "0a1b2c", "553e69248c5e4a219919ea54"] {
            assert_eq!(Id::new(text).unwrap().as_str(), text);
        }
        let long = "a".repeat(LENGTH_MAX + 1);
        for text in [
            "",
            "abcd",
            "ABCDE",
            "abcde/",
            "../..",
            "abc%2f",
            "abcde?",
            "abc\0de",
            "\u{fc}bcde",
            "abcde\n",
            "ab.de",
            &long,
        ] {
            assert_eq!(Id::new(text).unwrap_err().kind(), Kind::Invalid, "{text:?}");
        }
    }
}
