//! Operations of the role `file-store`.

use super::{Operation, page_fits};
use crate::capability::transfer::{Sink, Upload};
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::plugin::file_store::{Entry, Page};

/// One page of a folder's entries.
#[derive(Debug)]
pub struct ListFolder {
    /// The folder.
    pub path: String,
    /// Whether to descend into its folders.
    pub recursive: bool,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Entries wanted at most.
    pub max: u32,
}

impl Operation for ListFolder {
    type Output = Page;

    const NAME: &'static str = "file-store.list-folder";
    const ROLE: Role = Role::FileStore;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Page, Failure> {
        let store = sandbox.file_store()?;
        let after = self.after.as_deref();
        let page = store
            .list_folder(&self.path, self.recursive, after, self.max)
            .await?;
        page_fits(page.entries.len(), self.max)?;
        Ok(page)
    }
}

/// What is known of one path.
#[derive(Debug)]
pub struct Stat {
    /// A file or folder.
    pub path: String,
}

impl Operation for Stat {
    type Output = Entry;

    const NAME: &'static str = "file-store.stat";
    const ROLE: Role = Role::FileStore;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Entry, Failure> {
        sandbox.file_store()?.stat(&self.path).await
    }
}

/// A file's bytes.
#[derive(Debug)]
pub struct Read {
    /// The file.
    pub path: String,
    /// The first byte wanted.
    pub offset: u64,
    /// Where the bytes go.
    pub into: Sink,
}

impl Operation for Read {
    type Output = ();

    const NAME: &'static str = "file-store.read";
    const ROLE: Role = Role::FileStore;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        let store = sandbox.file_store()?;
        let promise = self.into.promise();
        store.read(&self.path, self.offset, self.into).await?;
        promise.kept().map_err(Failure::Contract)
    }
}

/// Stores a whole file.
#[derive(Debug)]
pub struct Write {
    /// The file.
    pub path: String,
    /// Number of bytes, when known.
    pub size: Option<u64>,
    /// The bytes.
    pub content: Upload,
}

impl Operation for Write {
    type Output = Entry;

    const NAME: &'static str = "file-store.write";
    const ROLE: Role = Role::FileStore;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Entry, Failure> {
        let store = sandbox.file_store()?;
        store.write(&self.path, self.size, self.content).await
    }
}

/// Removes a file or folder.
#[derive(Debug)]
pub struct Delete {
    /// The file or folder.
    pub path: String,
}

impl Operation for Delete {
    type Output = ();

    const NAME: &'static str = "file-store.delete";
    const ROLE: Role = Role::FileStore;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.file_store()?.delete(&self.path).await
    }
}
