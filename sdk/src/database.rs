//! SQL as sqAPI's plugins write it: named placeholders, `%(name)s`, and whole scripts.
//!
//! It is a capability, [`dialect`] and [`execute`], and at once the role of the plugins that stand
//! behind it, [`Database`].

mod script;

pub use crate::sql::{Dialect, FromValue, Row, Rows, Value, packed};
use crate::{Result, backend};
pub use script::Script;

/// The SQL that the granted database speaks.
pub fn dialect() -> Result<Dialect> {
    backend::database::dialect()
}

/// Runs a query or a whole script, whose statements are one transaction, and returns the rows of
/// the last; none where it returns no rows by its nature.
///
/// Placeholders are `%(name)s`, `%%` stands for `%`, and any other `%` for itself. A
/// [`Value::Tuple`] becomes `(a, b)`, for `IN`. Parameters that the script does not name are left
/// out of it.
///
/// `invalid` for what the database rejects as wrong, `conflict` for a broken constraint,
/// `unavailable` where it cannot be reached or is busy.
pub fn execute(script: &str, parameters: &[(&str, Value)]) -> Result<Option<Rows>> {
    let packed = execute_packed(script, &packed::named(parameters)?)?;
    packed.as_deref().map(Rows::unpack).transpose()
}

/// As [`execute`], for a statement that returns rows; no rows where it returns none by its nature.
pub fn query(script: &str, parameters: &[(&str, Value)]) -> Result<Rows> {
    Ok(execute(script, parameters)?.unwrap_or_else(|| Rows::new([], [])))
}

/// As [`execute`], with named parameters that are packed already.
pub fn execute_packed(script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
    backend::database::execute(script, parameters)
}

/// A plugin that speaks to a database.
pub trait Database: crate::lifecycle::Plugin {
    /// The SQL it speaks.
    fn dialect(&self) -> Result<Dialect>;

    /// Runs a script as [`execute`] says. Parameters come as [`packed::Named`] reads them; the
    /// rows go back as [`sql`](crate::sql) has packed them.
    fn execute(&self, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>>;
}
