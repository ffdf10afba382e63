//! The role of a plugin that lives over calls and can give its state to the
//! version that replaces it.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;

/// Operations of `wit/handoff.wit`.
#[wasmtime_wasi::async_trait]
pub trait Handoff: Send {
    /// Everything that a successor needs to go on.
    async fn save(&mut self) -> Result<Vec<u8>, Failure>;

    /// Goes on from what another version has saved.
    async fn restore(&mut self, state: &[u8]) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl Handoff for ComponentSandbox {
    async fn save(&mut self) -> Result<Vec<u8>, Failure> {
        let guest = self.handoff_guest()?;
        let called = guest.call_save(&mut self.store).await;
        self.conclude(called)
    }

    async fn restore(&mut self, state: &[u8]) -> Result<(), Failure> {
        let guest = self.handoff_guest()?;
        let called = guest.call_restore(&mut self.store, state).await;
        self.conclude(called)
    }
}
