//! Granted databases.

use super::bindings::connector::sql;
use crate::{
    Result,
    sql::{Dialect, Statement},
};

pub(crate) fn dialect(database: &str) -> Result<Dialect> {
    Ok(match sql::dialect(database)? {
        sql::SqlDialect::Postgresql => Dialect::Postgresql,
        sql::SqlDialect::Sqlite => Dialect::Sqlite,
    })
}

pub(crate) fn execute(database: &str, statements: Vec<Statement>) -> Result<Option<Vec<u8>>> {
    let statements: Vec<_> = statements.into_iter().map(Into::into).collect();
    Ok(sql::execute(database, &statements)?)
}

impl From<Statement> for sql::Statement {
    fn from(Statement { text, parameters }: Statement) -> Self {
        Self { text, parameters }
    }
}
