//! The role `database`: SQL as sqAPI's plugins write it.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::database as wit;

pub use wit::SqlDialect as Dialect;

/// Operations of `interface database` in `wit/database.wit`.
#[wasmtime_wasi::async_trait]
pub trait Database: Send {
    /// The SQL it speaks.
    async fn dialect(&mut self) -> Result<Dialect, Failure>;

    /// Runs a query or a whole script. Parameters and rows are packed as
    /// `wit/sql.wit` says.
    async fn execute(
        &mut self,
        script: &str,
        parameters: &[u8],
    ) -> Result<Option<Vec<u8>>, Failure>;
}

#[wasmtime_wasi::async_trait]
impl Database for ComponentSandbox {
    async fn dialect(&mut self) -> Result<Dialect, Failure> {
        let guest = self.database_guest()?;
        let called = guest.call_dialect(&mut self.store).await;
        self.conclude(called)
    }

    async fn execute(
        &mut self,
        script: &str,
        parameters: &[u8],
    ) -> Result<Option<Vec<u8>>, Failure> {
        let guest = self.database_guest()?;
        let called = guest
            .call_execute(&mut self.store, script, parameters)
            .await;
        self.conclude(called)
    }
}
