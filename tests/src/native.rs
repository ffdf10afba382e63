//! A plugin crate run as ordinary Rust behind the host's own dispatcher: the
//! baseline against which the cost of the sandbox is measured. Everything up
//! to the plugin is the same; only the component around it is missing.

mod repository;

pub use repository::NativeRepository;

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tenon_host::capability::call::Context;
use tenon_host::capability::transfer::{self, Upload, Writer};
use tenon_host::plugin::FileStore as HostFileStore;
use tenon_host::plugin::file_store::{Entry, Page};
use tenon_host::plugin::lifecycle::Description;
use tenon_host::plugin::{CpuMeter, Failure, Launcher, Lifecycle, Repository, Role, Sandbox};
use tenon_sdk::Path;
use tenon_sdk::file_store::{FileStore, Head, ListRequest, Sink};
use tenon_sdk::native::{Environment, Receiver};
use wasmtime_wasi::p2::{OutputStream as _, Pollable as _};

/// Starts "sandboxes" that are nothing but the plugin itself.
pub struct NativeLauncher<P> {
    plugin: Arc<P>,
    environment: Environment,
}

impl<P: FileStore> NativeLauncher<P> {
    /// Makes the plugin once, as a plain program would.
    ///
    /// # Panics
    ///
    /// When the plugin refuses its configuration.
    pub fn new(environment: Environment) -> Self {
        let plugin = environment.enter(P::new).expect("a plugin");
        Self {
            plugin: Arc::new(plugin),
            environment,
        }
    }
}

impl<P> fmt::Debug for NativeLauncher<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeLauncher").finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl<P: FileStore> Launcher for NativeLauncher<P> {
    fn offers(&self, role: Role) -> bool {
        matches!(role, Role::Lifecycle | Role::FileStore)
    }

    async fn launch(
        &self,
        _context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        Ok(Box::new(Native {
            plugin: self.plugin.clone(),
            environment: self.environment.clone(),
        }))
    }
}

struct Native<P> {
    plugin: Arc<P>,
    environment: Environment,
}

impl<P: FileStore> Sandbox for Native<P> {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn file_store(&mut self) -> Result<&mut dyn HostFileStore, Failure> {
        Ok(self)
    }

    fn repository(&mut self) -> Result<&mut dyn Repository, Failure> {
        Err(Failure::NoRole(Role::Repository))
    }

    fn is_reused(&self) -> bool {
        true
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

fn failed(error: tenon_sdk::Error) -> Failure {
    Failure::Contract(error.to_string())
}

fn path(text: &str) -> Result<Path, Failure> {
    Path::new(text).map_err(failed)
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
impl<P: FileStore> Lifecycle for Native<P> {
    async fn describe(&mut self) -> Result<Description, Failure> {
        Err(Failure::Contract("the baseline is never described".into()))
    }

    async fn check(&mut self) -> Result<(), Failure> {
        self.environment
            .enter(|| self.plugin.check())
            .map_err(failed)
    }
}

#[wasmtime_wasi::async_trait]
impl<P: FileStore> HostFileStore for Native<P> {
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
        let listed = self.environment.enter(|| self.plugin.list_folder(request));
        let page = listed.map_err(failed)?;
        Ok(Page {
            entries: page.entries.into_iter().map(entry).collect(),
            next: page.next,
        })
    }

    async fn stat(&mut self, of: &str) -> Result<Entry, Failure> {
        let of = path(of)?;
        let found = self.environment.enter(|| self.plugin.stat(&of));
        found.map(entry).map_err(failed)
    }

    async fn read(&mut self, from: &str, offset: u64, into: transfer::Sink) -> Result<(), Failure> {
        let from = path(from)?;
        let mut receiver = ToBody {
            sink: into,
            writer: None,
        };
        let sink = Sink::to(&mut receiver);
        let sent = self
            .environment
            .enter(|| self.plugin.read(&from, offset, sink));
        sent.map_err(failed)
    }

    async fn write(
        &mut self,
        _path: &str,
        _size: Option<u64>,
        _content: Upload,
    ) -> Result<Entry, Failure> {
        Err(Failure::Contract("the baseline is only read".into()))
    }

    async fn delete(&mut self, _path: &str) -> Result<(), Failure> {
        Err(Failure::Contract("the baseline is only read".into()))
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
