//! Granted directories of the host.
//!
//! Each root is opened once, when the configuration is read; every path of a
//! guest is resolved beneath that one descriptor by the kernel (`openat2` with
//! `RESOLVE_BENEATH`, or component by component where that is missing), so
//! that neither `..` nor a link nor a rename in mid-call leads out of it.

mod failure;
mod list;
mod root;
mod sweep;
mod write;

use std::collections::BTreeMap;

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::DynInputStream;

pub use self::root::{Access, Root};
use super::call::{Context, Interface};
use super::usage::Usage;
use super::{Refusal, Result};
use crate::bindings::files::{self, Item, Status};

/// Directories by the name the plugin knows them by.
#[derive(Debug, Default)]
pub struct Grants(pub BTreeMap<String, Root>);

impl Grants {
    /// Removes what killed hosts left half-written in roots that are granted
    /// for writing. It looks at every file, so that it belongs on a thread
    /// that may take its time.
    pub fn sweep(&self) {
        for (name, root) in &self.0 {
            if root.access() == Access::ReadWrite {
                sweep::sweep(name, root);
            }
        }
    }
}

/// Links the interface `files`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's directories for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Context,
    /// What the connector is granted.
    pub grants: &'a Grants,
    /// Where what is used is counted.
    pub usage: &'a Usage,
    /// Where streams live.
    pub table: &'a mut ResourceTable,
}

impl<'a> View<'a> {
    fn root(&self, name: &str) -> Result<&'a Root> {
        self.context.meter.count(Interface::Files);
        let root = self.grants.0.get(name);
        root.ok_or_else(|| self.denied("no `files` grant has this root", name))
    }

    fn root_to_read(&self, name: &str) -> Result<&'a Root> {
        let root = self.root(name)?;
        self.usage.read(name);
        Ok(root)
    }

    fn root_to_write(&self, name: &str) -> Result<&'a Root> {
        let root = self.root(name)?;
        match root.access() {
            Access::ReadWrite => {
                self.usage.write(name);
                Ok(root)
            }
            Access::ReadOnly => Err(self.denied("the root is granted for reading", name)),
        }
    }

    fn denied(&self, message: &str, name: &str) -> Refusal {
        self.usage.deny(Interface::Files);
        Refusal::denied(message, name)
    }
}

impl files::Host for View<'_> {
    fn stat(&mut self, root: String, path: String) -> Result<Status> {
        self.root_to_read(&root)?.stat(&path)
    }

    fn list(
        &mut self,
        root: String,
        path: String,
        after: Option<String>,
        max: u32,
    ) -> Result<Vec<Item>> {
        list::page(self.root_to_read(&root)?, &path, after, max)
    }

    fn open(
        &mut self,
        root: String,
        path: String,
        offset: u64,
    ) -> Result<(Status, Resource<DynInputStream>)> {
        let granted = self.root(&root)?;
        self.usage.open(&root);
        let (status, stream) = granted.read(&path, offset)?;
        let stream: DynInputStream = Box::new(stream);
        Ok((status, self.table.push(stream)?))
    }

    async fn write(
        &mut self,
        root: String,
        path: String,
        size: Option<u64>,
        content: Resource<DynInputStream>,
    ) -> Result<Status> {
        let root = self.root_to_write(&root)?;
        let content = self.table.get_mut(&content)?;
        write::store(root, &path, size, content).await
    }

    fn create_folder(&mut self, root: String, path: String) -> Result<()> {
        self.root_to_write(&root)?.create_folder(&path)
    }

    fn rename(&mut self, root: String, from: String, to: String) -> Result<()> {
        self.root_to_write(&root)?.rename(&from, &to)
    }

    fn remove(&mut self, root: String, path: String) -> Result<()> {
        self.root_to_write(&root)?.remove(&path)
    }
}

#[cfg(test)]
mod tests;
