//! Granted databases, and the packed form in which parameters and rows travel.
//!
//! Plugins that play the role [`database`](crate::database) stand on this. Those that look at
//! objects use that role's capability instead, so that an operator can put another database
//! behind it.

pub mod packed;
mod rows;
#[cfg(feature = "json")]
mod to_json;
mod value;

pub use rows::{Row, Rows};
pub use value::{FromValue, Value};

use crate::{Result, backend};

/// The SQL a database speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL.
    Postgresql,
    /// SQLite.
    Sqlite,
}

/// One statement, with parameters as `$1`, `$2` and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text, without a semicolon.
    pub text: String,
    /// Positional parameters as [`packed::Positional`] makes them. A value takes the type that the
    /// server infers for its place, as an untyped literal would.
    pub parameters: Vec<u8>,
}

impl Statement {
    /// A statement with these parameters. `invalid` for values that cannot be bound: tuples,
    /// arrays nested too deep, text with a NUL.
    pub fn new(text: impl Into<String>, parameters: &[Value]) -> Result<Self> {
        let mut packed = packed::Positional::default();
        for value in parameters {
            packed.push(value)?;
        }
        Ok(Self {
            text: text.into(),
            parameters: packed.finish(),
        })
    }
}

/// A granted database, under the name its grant gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    name: String,
}

impl Database {
    /// The database of this name. Whether there is one shows on first use.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// The SQL it speaks.
    pub fn dialect(&self) -> Result<Dialect> {
        backend::sql::dialect(&self.name)
    }

    /// Runs the statements, more than one in one transaction, and returns the packed rows of the
    /// last; none where it returns no rows by its nature.
    ///
    /// `invalid` for what the database rejects as wrong, `conflict` for a broken constraint,
    /// `unavailable` where it cannot be reached or is busy.
    pub fn execute(&self, statements: Vec<Statement>) -> Result<Option<Vec<u8>>> {
        backend::sql::execute(&self.name, statements)
    }

    /// Runs one statement and returns its rows; none where it returns no rows by its nature.
    pub fn query(&self, text: impl Into<String>, parameters: &[Value]) -> Result<Option<Rows>> {
        let packed = self.execute(vec![Statement::new(text, parameters)?])?;
        packed.as_deref().map(Rows::unpack).transpose()
    }
}
