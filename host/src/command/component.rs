//! Components as people name them.

use std::fmt;
use std::str::FromStr;

use tenon_host::catalog::{ComponentStatus, Wanted, WantedError};

use super::remote::{Client, Error, read};

/// Fewer digits than these are a word, more are a whole digest.
const DIGITS_MIN: usize = 6;
const DIGITS_MAX: usize = 63;

/// `sha256:<digest>` or its first digits, `<name>@<version>`, or
/// `oci://<reference>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Component {
    /// The first digits of a digest, as tables show them.
    Digits(String),
    /// Anything the host understands.
    Whole(Wanted),
}

impl FromStr for Component {
    type Err = WantedError;

    fn from_str(text: &str) -> Result<Self, WantedError> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(digit) {
            return Ok(Self::Digits(digits.to_owned()));
        }
        text.parse().map(Self::Whole)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(digits) => f.write_str(digits),
            Self::Whole(wanted) => wanted.fmt(f),
        }
    }
}

impl Component {
    /// The name by which the host knows it.
    pub(super) async fn resolve(&self, client: &Client) -> Result<String, Error> {
        let digits = match self {
            Self::Digits(digits) => digits,
            Self::Whole(wanted) => return Ok(wanted.to_string()),
        };
        let components: Vec<ComponentStatus> = read(&client.get(&["components"], &[]).await?)?;
        let prefix = format!("sha256:{digits}");
        let mut found = components.into_iter().map(|component| component.digest);
        let mut found = found.by_ref().filter(|digest| digest.starts_with(&prefix));
        match (found.next(), found.next()) {
            (Some(digest), None) => Ok(digest),
            (Some(_), Some(_)) => Err(Error::Usage(format!(
                "`{digits}` begins several digests; give more of it"
            ))),
            (None, _) => Err(Error::Usage(format!(
                "`{digits}` begins no digest of an admitted component; `tenon plugins` lists them"
            ))),
        }
    }
}

/// The same of one that may be left out.
pub(super) async fn resolve(
    component: Option<&Component>,
    client: &Client,
) -> Result<Option<String>, Error> {
    match component {
        Some(component) => component.resolve(client).await.map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digits_are_told_from_names() {
        let digits = |text: &str| Ok(Component::Digits(text.to_owned()));
        assert_eq!("0123ab".parse(), digits("0123ab"));
        assert_eq!("sha256:0123abcdef12".parse(), digits("0123abcdef12"));
        let whole = format!("sha256:{}", "a".repeat(64));
        for text in ["disk@1.0.0", "oci://r.example/p:1", &whole] {
            let parsed: Component = text.parse().unwrap();
            assert!(matches!(parsed, Component::Whole(_)), "{text}");
            assert_eq!(parsed.to_string(), text);
        }
        for text in ["", "abc", "disk", "sha256:", "sha256:xyzxyzxyz"] {
            assert!(text.parse::<Component>().is_err(), "{text}");
        }
    }
}
