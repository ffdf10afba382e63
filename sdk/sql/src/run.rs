//! A script, run.

use tenon_sdk::{
    Result,
    sql::{Database, Dialect, packed::Named},
};

use crate::Script;

/// Runs a script on a granted database, with named parameters as they were packed, and returns the
/// rows as they were packed. One transaction holds all its statements.
pub fn run(
    database: &Database,
    dialect: Dialect,
    script: &str,
    parameters: &[u8],
) -> Result<Option<Vec<u8>>> {
    let statements = Script::parse(script, dialect)?.bind(&Named::unpack(parameters)?)?;
    database.execute(statements)
}
