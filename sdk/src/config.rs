//! The connector's configuration, checked against the plugin's schema by the host.

use std::{fmt::Display, str::FromStr};

use crate::{Error, Result, backend};

/// A string as it is written; any other value as JSON; none when the key is absent.
pub fn get(key: &str) -> Option<String> {
    backend::config::get(key)
}

/// A value the plugin cannot do without.
pub fn require(key: &str) -> Result<String> {
    get(key).ok_or_else(|| Error::invalid("a configuration key is missing").about(key))
}

/// A number, a truth value or anything else with a text form; none when the key is absent.
pub fn parse<T>(key: &str) -> Result<Option<T>>
where
    T: FromStr<Err: Display>,
{
    get(key)
        .map(|text| {
            text.parse().map_err(|error| {
                Error::invalid(format!("a configuration key is wrong: {error}")).about(key)
            })
        })
        .transpose()
}
