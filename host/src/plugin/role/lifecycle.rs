//! The role every plugin plays: saying what it is and whether it works.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;

pub use crate::bindings::exports::lifecycle::Description;

/// Operations of `wit/lifecycle.wit`.
#[wasmtime_wasi::async_trait]
pub trait Lifecycle: Send {
    /// Name, version, configuration schema and wanted grants.
    async fn describe(&mut self) -> Result<Description, Failure>;

    /// Whether the external system can be reached with this configuration.
    async fn check(&mut self) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl Lifecycle for ComponentSandbox {
    async fn describe(&mut self) -> Result<Description, Failure> {
        let guest = self.lifecycle_guest()?;
        let called = guest.call_describe(&mut self.store).await;
        self.conclude(called.map(Ok))
    }

    async fn check(&mut self) -> Result<(), Failure> {
        let guest = self.lifecycle_guest()?;
        let called = guest.call_check(&mut self.store).await;
        self.conclude(called)
    }
}
