//! A script that each dialect wants in words of its own.

use super::{Dialect, Rows, Value, dialect, execute};
use crate::Result;

/// A script in both dialects, such as one that makes tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// As PostgreSQL wants it.
    pub postgresql: &'static str,
    /// As SQLite wants it.
    pub sqlite: &'static str,
}

impl Script {
    /// Runs it on the granted database, as [`execute`] does.
    pub fn execute(&self, parameters: &[(&str, Value)]) -> Result<Option<Rows>> {
        let text = match dialect()? {
            Dialect::Postgresql => self.postgresql,
            Dialect::Sqlite => self.sqlite,
        };
        execute(text, parameters)
    }
}
