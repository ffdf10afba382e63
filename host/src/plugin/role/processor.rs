//! The role `processor`: one of several that look at the same object.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::processor as wit;
use crate::capability::transfer::Blob;

pub use wit::Message;

/// Operations of `wit/processor.wit`.
#[wasmtime_wasi::async_trait]
pub trait Processor: Send {
    /// The media types it takes; all where there are none.
    async fn accepts(&mut self) -> Result<Vec<String>, Failure>;

    /// Makes what it needs, unless that is there.
    async fn initialize(&mut self) -> Result<(), Failure>;

    /// Looks at one object. `metadata` is JSON, and so is what it returns.
    async fn execute(
        &mut self,
        message: &Message,
        metadata: &str,
        data: Blob,
    ) -> Result<Option<String>, Failure>;
}

#[wasmtime_wasi::async_trait]
impl Processor for ComponentSandbox {
    async fn accepts(&mut self) -> Result<Vec<String>, Failure> {
        let guest = self.processor_guest()?;
        let called = guest.call_accepts(&mut self.store).await;
        self.conclude(called.map(Ok))
    }

    async fn initialize(&mut self) -> Result<(), Failure> {
        let guest = self.processor_guest()?;
        let called = guest.call_initialize(&mut self.store).await;
        self.conclude(called)
    }

    async fn execute(
        &mut self,
        message: &Message,
        metadata: &str,
        data: Blob,
    ) -> Result<Option<String>, Failure> {
        let guest = self.processor_guest()?;
        let (blob, lent) = self.lend(data)?;
        let called = guest
            .call_execute(&mut self.store, message, metadata, lent)
            .await;
        self.take_back(blob);
        self.conclude(called)
    }
}
