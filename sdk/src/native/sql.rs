//! Granted databases, as the environment gives them.

use super::environment;
use crate::{
    Error, Result,
    sql::{Dialect, Statement},
};

/// Runs statements with packed positional parameters.
pub(super) type Execute = Box<dyn Fn(&[Statement]) -> Result<Option<Vec<u8>>> + Send + Sync>;

pub(crate) fn dialect(database: &str) -> Result<Dialect> {
    within(database, |(dialect, _)| Ok(*dialect))
}

pub(crate) fn execute(database: &str, statements: Vec<Statement>) -> Result<Option<Vec<u8>>> {
    within(database, |(_, execute)| execute(&statements))
}

fn within<T>(database: &str, f: impl FnOnce(&(Dialect, Execute)) -> Result<T>) -> Result<T> {
    environment::with(|environment| {
        let found = environment.sql.get(database);
        f(found.ok_or_else(|| Error::denied("no such database is granted").about(database))?)
    })
}
