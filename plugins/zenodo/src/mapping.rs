//! From RO-Crate to Zenodo's deposit metadata and back. Pure functions: no request is made here.
//!
//! Two mappings exist. [`Mapping::Correct`] says to Zenodo what the crate says. Where the crate is
//! silent, Zenodo's obligatory members get defaults and all others are left out. What is decided there
//! and could have been decided otherwise:
//!
//! * A description is HTML to Zenodo, so it is handed on as it is: existing markup works, nothing is
//!   escaped (a lone `<` or `&` is text in HTML as well). Only line breaks become `<br>`, save those
//!   between two tags.
//! * A date that is no ISO 8601 date counts as absent; a year or a month is its first day.
//! * A license that Zenodo has no id for goes into the notes. To leave it out would let Zenodo assume
//!   one that nobody chose.
//! * Without `zenodocategory` the type is `other`: every root of an RO-Crate is a `Dataset`, whatever
//!   it holds, so its type tells nothing.
//! * An object without `@graph` is Zenodo's own metadata when it has one of Zenodo's own members, and
//!   a root data entity alone otherwise.
//!
//! [`Mapping::Compatible`] gives the results that the original connector gives, its losses included,
//! for installations that rely on them.

mod agent;
mod category;
mod compatible;
mod correct;
mod date;
mod json_ld;
mod language;
mod license;
mod related;
#[cfg(test)]
mod tests;

use serde_json::Value;
use tenon_sdk::{Error, Result};

pub(crate) use json_ld::to_json_ld;

/// How a crate becomes metadata; the configuration's `mapping`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mapping {
    #[default]
    Correct,
    Compatible,
}

impl std::str::FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "correct" => Ok(Self::Correct),
            "compatible" => Ok(Self::Compatible),
            other => Err(format!("`{other}` is neither `correct` nor `compatible`")),
        }
    }
}

/// What the metadata is for. The original reads a crate differently in each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Create,
    Update,
}

/// What is known without a crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depositor<'a> {
    /// The user of the caller's `userId`.
    pub user: Option<&'a str>,
    /// The day, for defaults.
    pub today: time::Date,
}

impl Depositor<'_> {
    /// The user without the cloud they come from. `---` stands for none where a service needs none.
    fn name(&self) -> Option<&str> {
        self.user
            .and_then(|user| user.split('@').next())
            .filter(|name| !name.is_empty() && *name != "---")
    }
}

/// The deposit's `metadata` member for Zenodo. It is null only in [`Mapping::Compatible`]: on an
/// update, where the original sends null too, and on a creation that the original sends none for.
pub(crate) fn to_zenodo(
    document: Option<&str>,
    mapping: Mapping,
    target: Target,
    depositor: &Depositor<'_>,
) -> Result<Value> {
    let document = match document {
        None => Value::Null,
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Error::invalid(format!("the metadata is not JSON: {error}")))?,
    };
    match mapping {
        Mapping::Correct => correct::map(document, depositor).map(Value::Object),
        Mapping::Compatible => Ok(compatible::map(document, target, depositor)),
    }
}
