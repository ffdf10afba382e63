//! Temporary bytes outside guest memory: files without a name, gone with the
//! call that made them, all under one quota.

mod spool;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use self::spool::{Append, Spool};
use super::call::{Context, Interface};
use super::disk::{Io, Reader};
use super::usage::Usage;
use super::{Refusal, Result};
use crate::bindings::scratch;

/// What a connector may spool.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Limit `scratch_bytes`: bytes that all files of one call may hold.
    pub bytes_max: u64,
    /// Where the files live. They have no name there.
    pub directory: PathBuf,
}

/// A spool file. The resource `file`.
#[derive(Debug)]
pub struct File(Arc<Spool>);

/// Links the interface `scratch`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's scratch space for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Context,
    /// What the connector may spool, if anything.
    pub grant: Option<&'a Grant>,
    /// Where what is used is counted.
    pub usage: &'a Arc<Usage>,
    /// Bytes that the sandbox's files hold now.
    pub used: &'a Arc<AtomicU64>,
    /// Where files and streams live.
    pub table: &'a mut ResourceTable,
}

impl View<'_> {
    fn spool(&self, file: &Resource<File>) -> Result<Arc<Spool>> {
        self.context.meter.count(Interface::Scratch);
        Ok(self.table.get(file)?.0.clone())
    }
}

impl scratch::Host for View<'_> {
    fn create(&mut self) -> Result<Resource<File>> {
        self.context.meter.count(Interface::Scratch);
        let Some(grant) = self.grant else {
            self.usage.deny(Interface::Scratch);
            let message = "no grant gives temporary space";
            return Err(Refusal::denied(message, "scratch"));
        };
        self.usage.spool();
        let spool = Spool::create(grant, self.used.clone(), self.usage.clone());
        let spool = spool.map_err(|error| {
            tracing::warn!(%error, directory = %grant.directory.display(), "no scratch file");
            Refusal::unavailable("no temporary file could be made", "scratch")
        })?;
        Ok(self.table.push(File(Arc::new(spool)))?)
    }
}

impl scratch::HostFile for View<'_> {
    fn append(&mut self, file: Resource<File>) -> Result<Resource<DynOutputStream>> {
        let spool = self.spool(&file)?;
        let stream: DynOutputStream = Box::new(Append(spool));
        Ok(self.table.push(stream)?)
    }

    fn size(&mut self, file: Resource<File>) -> wasmtime::Result<u64> {
        self.context.meter.count(Interface::Scratch);
        Ok(self.table.get(&file)?.0.size())
    }

    fn open(&mut self, file: Resource<File>, offset: u64) -> Result<Resource<DynInputStream>> {
        let spool = self.spool(&file)?;
        let size = spool.size();
        if offset > size {
            return Err(Refusal::invalid("past the end of the file", "offset"));
        }
        // The stream holds the file, and with it the file's share of the quota.
        let stream: DynInputStream = Box::new(Reader::new(spool, offset, size, Io::Inline));
        Ok(self.table.push(stream)?)
    }

    fn drop(&mut self, file: Resource<File>) -> wasmtime::Result<()> {
        self.table.delete(file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
