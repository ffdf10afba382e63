//! Deposits as Zenodo tells of them. It leaves out what it has no value for, and has written the
//! same thing in more than one way over the years, so everything here may be missing.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use tenon_sdk::{Error, Result};

/// Digits of the largest number that an id can be.
const ID_DIGITS_MAX: usize = 19;

/// What names a deposit: digits and nothing else, so that no id leads to another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id(String);

impl Id {
    /// Checks the id that a caller gave. No deposit has any other.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && (1..=ID_DIGITS_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::not_found("no deposit has such an id").about(text))
        }
    }

    fn read(value: &Value) -> Option<Self> {
        Self::new(&text(value)?).ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A deposit, published or not.
#[derive(Debug, Deserialize)]
pub(crate) struct Deposit {
    #[serde(default)]
    id: Value,
    submitted: Option<bool>,
    doi: Option<String>,
    metadata: Option<Map<String, Value>>,
    links: Option<Links>,
}

#[derive(Debug, Deserialize)]
struct Links {
    bucket: Option<String>,
}

impl Deposit {
    pub(crate) fn id(&self) -> Option<Id> {
        Id::read(&self.id)
    }

    /// The id that the deposit will be published under.
    pub(crate) fn recid(&self) -> Option<Id> {
        self.reserved("recid").and_then(Id::read)
    }

    pub(crate) fn is_published(&self) -> bool {
        self.submitted == Some(true)
    }

    /// The DOI: the minted one, the one that its owner gave it, or else the reserved one.
    pub(crate) fn doi(&self) -> Option<&str> {
        let own = self.metadata.as_ref().and_then(|known| known.get("doi"));
        let written = [own, self.reserved("doi")].into_iter().flatten();
        let minted = self.doi.as_deref().into_iter();
        minted
            .chain(written.filter_map(Value::as_str))
            .find(|doi| !doi.is_empty())
    }

    /// The metadata in Zenodo's terms, an object.
    pub(crate) fn metadata(self) -> Value {
        Value::Object(self.metadata.unwrap_or_default())
    }

    /// The link under which files are stored.
    pub(crate) fn bucket(&self) -> Option<&str> {
        self.links.as_ref()?.bucket.as_deref()
    }

    fn reserved(&self, key: &str) -> Option<&Value> {
        self.metadata.as_ref()?.get("prereserve_doi")?.get(key)
    }
}

/// The text that a string or number is.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
