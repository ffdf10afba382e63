//! Operations of the role `database`.

use super::Operation;
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::plugin::database::Dialect as Spoken;

/// Named parameters without a single one, packed as `wit/sql.wit` says.
pub const NO_PARAMETERS: [u8; 4] = 0_u32.to_le_bytes();

/// The SQL that the database speaks.
#[derive(Debug)]
pub struct Dialect;

impl Operation for Dialect {
    type Output = Spoken;

    const NAME: &'static str = "database.dialect";
    const ROLE: Role = Role::Database;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Spoken, Failure> {
        sandbox.database()?.dialect().await
    }
}

/// Runs a query or a whole script, and returns its rows, packed as
/// `wit/sql.wit` says.
#[derive(Debug)]
pub struct Execute {
    /// What to run.
    pub script: String,
    /// Named parameters, packed likewise.
    pub parameters: Vec<u8>,
}

impl Operation for Execute {
    type Output = Option<Vec<u8>>;

    const NAME: &'static str = "database.execute";
    const ROLE: Role = Role::Database;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Option<Vec<u8>>, Failure> {
        let database = sandbox.database()?;
        database.execute(&self.script, &self.parameters).await
    }
}
