//! The granted database.

use super::bindings::connector::database;
use crate::{Result, sql::Dialect};

pub(crate) fn dialect() -> Result<Dialect> {
    Ok(match database::dialect()? {
        database::SqlDialect::Postgresql => Dialect::Postgresql,
        database::SqlDialect::Sqlite => Dialect::Sqlite,
    })
}

pub(crate) fn execute(script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(database::execute(script, parameters)?)
}
