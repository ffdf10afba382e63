//! The role `file-store`: files in folders, behind some protocol.

use super::super::Failure;
use super::super::sandbox::ComponentSandbox;
use crate::bindings::exports::file_store as wit;
use crate::capability::transfer::{Sink, Upload};

pub use wit::{Entry, Page};

/// Operations of `wit/file-store.wit`.
#[wasmtime_wasi::async_trait]
pub trait FileStore: Send {
    /// One page of a folder's entries.
    async fn list_folder(
        &mut self,
        path: &str,
        recursive: bool,
        after: Option<&str>,
        max: u32,
    ) -> Result<Page, Failure>;

    /// What is known of one path.
    async fn stat(&mut self, path: &str) -> Result<Entry, Failure>;

    /// Sends a file's bytes from `offset` on.
    async fn read(&mut self, path: &str, offset: u64, into: Sink) -> Result<(), Failure>;

    /// Stores a whole file.
    async fn write(
        &mut self,
        path: &str,
        size: Option<u64>,
        content: Upload,
    ) -> Result<Entry, Failure>;

    /// Removes a file or folder.
    async fn delete(&mut self, path: &str) -> Result<(), Failure>;
}

#[wasmtime_wasi::async_trait]
impl FileStore for ComponentSandbox {
    async fn list_folder(
        &mut self,
        path: &str,
        recursive: bool,
        after: Option<&str>,
        max: u32,
    ) -> Result<Page, Failure> {
        let guest = self.file_store_guest()?;
        let called = guest
            .call_list_folder(&mut self.store, path, recursive, after, max)
            .await;
        self.conclude(called)
    }

    async fn stat(&mut self, path: &str) -> Result<Entry, Failure> {
        let guest = self.file_store_guest()?;
        let called = guest.call_stat(&mut self.store, path).await;
        self.conclude(called)
    }

    async fn read(&mut self, path: &str, offset: u64, into: Sink) -> Result<(), Failure> {
        let guest = self.file_store_guest()?;
        let (sink, lent) = self.lend(into)?;
        let called = guest.call_read(&mut self.store, path, offset, lent).await;
        self.take_back(sink);
        self.conclude(called)
    }

    async fn write(
        &mut self,
        path: &str,
        size: Option<u64>,
        content: Upload,
    ) -> Result<Entry, Failure> {
        let guest = self.file_store_guest()?;
        let (stream, lent) = self.lend_upload(content)?;
        let called = guest.call_write(&mut self.store, path, size, lent).await;
        self.take_back(stream);
        self.conclude(called)
    }

    async fn delete(&mut self, path: &str) -> Result<(), Failure> {
        let guest = self.file_store_guest()?;
        let called = guest.call_delete(&mut self.store, path).await;
        self.conclude(called)
    }
}
