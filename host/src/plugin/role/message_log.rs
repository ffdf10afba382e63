//! The role `message-log`: what became of each message.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::message_log as wit;

pub use wit::Entry;

/// Operations of `interface message-log` in `wit/database.wit`.
#[wasmtime_wasi::async_trait]
pub trait MessageLog: Send {
    /// Makes the table, unless it is there.
    async fn initialize(&mut self) -> Result<(), Failure>;

    /// What is known of a message.
    async fn get(&mut self, uuid: &str) -> Result<Option<Entry>, Failure>;

    /// Stores all entries, or none.
    async fn update(&mut self, entries: &[Entry]) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl MessageLog for ComponentSandbox {
    async fn initialize(&mut self) -> Result<(), Failure> {
        let guest = self.message_log_guest()?;
        let called = guest.call_initialize(&mut self.store).await;
        self.conclude(called)
    }

    async fn get(&mut self, uuid: &str) -> Result<Option<Entry>, Failure> {
        let guest = self.message_log_guest()?;
        let called = guest.call_get(&mut self.store, uuid).await;
        self.conclude(called)
    }

    async fn update(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let guest = self.message_log_guest()?;
        let called = guest.call_update(&mut self.store, entries).await;
        self.conclude(called)
    }
}
