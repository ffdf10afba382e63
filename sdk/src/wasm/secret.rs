//! Credentials.

use super::bindings::connector::secret;
use crate::Result;

pub(crate) fn placeholder(name: &str) -> Result<String> {
    Ok(secret::placeholder(name)?)
}

pub(crate) fn reveal(name: &str) -> Result<String> {
    Ok(secret::reveal(name)?)
}
