//! A database, whichever kind it is.

use super::grant::Settings;
use super::packed::Rows;
use super::target::{Target, TargetError};
use super::{Result, Statement, postgres, sqlite};
use crate::bindings::sql::SqlDialect;

/// Connections to one database.
#[derive(Debug)]
pub(super) enum Database {
    Postgres(postgres::Pool),
    Sqlite(sqlite::Pool),
}

impl Database {
    pub(super) fn new(settings: Settings) -> std::result::Result<Self, TargetError> {
        match settings.target.clone() {
            Target::Postgres(server) => postgres::Pool::new(*server, settings).map(Self::Postgres),
            Target::Sqlite(file) => Ok(Self::Sqlite(sqlite::Pool::new(file, settings))),
        }
    }

    pub(super) fn dialect(&self) -> SqlDialect {
        match self {
            Self::Postgres(_) => SqlDialect::Postgresql,
            Self::Sqlite(_) => SqlDialect::Sqlite,
        }
    }

    /// Runs all statements, or none. The rows are those of the last one.
    pub(super) async fn execute(
        &self,
        name: &str,
        statements: &[Statement<'_>],
        result_bytes_max: u64,
    ) -> Result<Option<Rows>> {
        match self {
            Self::Postgres(pool) => pool.execute(name, statements, result_bytes_max).await,
            Self::Sqlite(pool) => pool.execute(name, statements, result_bytes_max).await,
        }
    }
}
