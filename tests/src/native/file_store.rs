//! A plugin as a file store.

use std::io;

use bytes::Bytes;
use tenon_host::capability::transfer::{self, Upload, Writer};
use tenon_host::plugin::file_store::{Entry, Page};
use tenon_host::plugin::{Failure, FileStore as HostFileStore, Lifecycle, Sandbox};
use tenon_sdk::Path;
use tenon_sdk::file_store::{FileStore, Head, ListRequest, Sink};
use tenon_sdk::native::Receiver;
use wasmtime_wasi::p2::{OutputStream as _, Pollable as _};

use super::{Native, not_measured};

pub(super) struct AsFileStore<P>(pub(super) Native<P>);

impl<P: FileStore> Sandbox for AsFileStore<P> {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        &mut self.0
    }

    fn file_store(&mut self) -> Result<&mut dyn HostFileStore, Failure> {
        Ok(self)
    }

    fn is_reused(&self) -> bool {
        true
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

fn path(text: &str) -> Result<Path, Failure> {
    Path::new(text).map_err(|error| Failure::Contract(error.to_string()))
}

fn entry(entry: tenon_sdk::file_store::Entry) -> Entry {
    Entry {
        path: entry.path,
        folder: entry.folder,
        size: entry.size,
        etag: entry.etag,
    }
}

#[wasmtime_wasi::async_trait]
impl<P: FileStore> HostFileStore for AsFileStore<P> {
    async fn list_folder(
        &mut self,
        folder: &str,
        recursive: bool,
        after: Option<&str>,
        max: u32,
    ) -> Result<Page, Failure> {
        let folder = path(folder)?;
        let request = ListRequest {
            folder: &folder,
            recursive,
            after,
            max,
        };
        let page = self.0.run(|plugin| plugin.list_folder(request))?;
        Ok(Page {
            entries: page.entries.into_iter().map(entry).collect(),
            next: page.next,
        })
    }

    async fn stat(&mut self, of: &str) -> Result<Entry, Failure> {
        let of = path(of)?;
        self.0.run(|plugin| plugin.stat(&of)).map(entry)
    }

    async fn read(&mut self, from: &str, offset: u64, into: transfer::Sink) -> Result<(), Failure> {
        let from = path(from)?;
        let mut receiver = ToBody {
            sink: into,
            writer: None,
        };
        let sink = Sink::to(&mut receiver);
        self.0.run(|plugin| plugin.read(&from, offset, sink))
    }

    async fn write(
        &mut self,
        _path: &str,
        _size: Option<u64>,
        _content: Upload,
    ) -> Result<Entry, Failure> {
        Err(not_measured())
    }

    async fn delete(&mut self, _path: &str) -> Result<(), Failure> {
        Err(not_measured())
    }
}

/// Hands a plugin's bytes to the body the frontend sends, without a copy.
struct ToBody {
    sink: transfer::Sink,
    writer: Option<Writer>,
}

impl Receiver for ToBody {
    fn begin(&mut self, head: Head) -> tenon_sdk::Result<()> {
        let head = transfer::Head {
            size: head.size,
            media_type: head.media_type,
            etag: head.etag,
        };
        let writer = self.sink.begin(head).map_err(io::Error::other)?;
        self.writer = Some(writer);
        Ok(())
    }

    fn send(&mut self, bytes: Bytes) -> io::Result<()> {
        let writer = self.writer.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        if writer.check_write().map_err(io::Error::other)? == 0 {
            // Plain Rust waits where it stands; a component would be suspended.
            let runtime = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| runtime.block_on(writer.ready()));
        }
        writer.write(bytes).map_err(io::Error::other)
    }
}
