//! The role `metadata-store`: metadata under references.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;

/// Operations of `wit/metadata-store.wit`.
#[wasmtime_wasi::async_trait]
pub trait MetadataStore: Send {
    /// The JSON text that a reference stands for.
    async fn fetch(&mut self, reference: &str) -> Result<String, Failure>;
}

#[wasmtime_wasi::async_trait]
impl MetadataStore for ComponentSandbox {
    async fn fetch(&mut self, reference: &str) -> Result<String, Failure> {
        let guest = self.metadata_store_guest()?;
        let called = guest.call_fetch(&mut self.store, reference).await;
        self.conclude(called)
    }
}
