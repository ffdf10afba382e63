//! The granted database, as the environment gives it.

use super::environment;
use crate::{Error, Result, sql::Dialect};

/// Runs a script with packed named parameters.
pub(super) type Execute = Box<dyn Fn(&str, &[u8]) -> Result<Option<Vec<u8>>> + Send + Sync>;

pub(crate) fn dialect() -> Result<Dialect> {
    environment::with(|environment| {
        let (dialect, _) = environment.database.as_ref().ok_or_else(missing)?;
        Ok(*dialect)
    })
}

pub(crate) fn execute(script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
    environment::with(|environment| {
        let (_, execute) = environment.database.as_ref().ok_or_else(missing)?;
        execute(script, parameters)
    })
}

fn missing() -> Error {
    Error::denied("no database is granted")
}
