//! Bulk bytes between a component and whoever asked for them.
//!
//! A transfer has two phases. Until the component calls `begin` it may still
//! fail with a status; from then on the bytes are under way and any failure
//! must be *seen* as a broken transfer, never as an early end. A [`Body`]
//! therefore ends only when the dispatcher has confirmed the whole call.

mod answer;
mod blob;
mod body;
mod upload;

pub(crate) use answer::as_body;
pub use answer::{Request, Responder, Response};
pub use blob::Blob;
pub use body::{Aborted, Body, Writer};
pub use upload::Upload;

use std::sync::Arc;

use tokio::sync::oneshot;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use super::Limit;
use super::call::Context;
use crate::bindings::transfer;

/// Longest run of bytes handed on in one piece.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;

/// Pieces that wait between component and reader; with the size of one they
/// bound what a slow reader makes the host hold: 2 MiB a transfer.
const CHUNKS_WAITING_MAX: usize = 8;

/// What is known of a body before its first byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Exact number of bytes to come.
    pub size: Option<u64>,
    /// Media type, as the system behind reports it.
    pub media_type: Option<String>,
    /// Changes when the content does.
    pub etag: Option<String>,
}

/// A transfer that has begun.
#[derive(Debug)]
pub struct Started {
    /// What the component announced.
    pub head: Head,
    /// The bytes, and how they end.
    pub body: Body,
}

/// Where an operation sends its bytes. The resource `sink`.
#[derive(Debug)]
pub struct Sink {
    context: Arc<Context>,
    begun: Option<oneshot::Sender<Started>>,
    completion: Option<oneshot::Receiver<Result<(), Aborted>>>,
}

/// A component's promise to send an answer, and all that it announced.
#[derive(Debug)]
pub struct Promise(Arc<Context>);

impl Promise {
    /// Whether it was kept, once the operation has succeeded.
    ///
    /// # Errors
    ///
    /// The rule that was broken: nothing was sent, or less than announced.
    pub fn kept(&self) -> Result<(), String> {
        if !self.0.meter.has_begun() {
            return Err("it returned without sending anything".to_owned());
        }
        match self.0.meter.owed() {
            0 => Ok(()),
            owed => Err(format!(
                "{owed} bytes are missing of what `sink.begin` announced"
            )),
        }
    }
}

/// The dispatcher's end of a [`Sink`].
#[derive(Debug)]
pub struct Pending {
    /// Resolves when the component calls `begin`; closes without it.
    pub started: oneshot::Receiver<Started>,
    /// Confirms the end of the body. Dropping it breaks the body off.
    pub completion: oneshot::Sender<Result<(), Aborted>>,
}

/// A sink and the end that watches over it.
pub fn channel(context: Arc<Context>) -> (Sink, Pending) {
    let (begun, started) = oneshot::channel();
    let (completion, completed) = oneshot::channel();
    let sink = Sink {
        context,
        begun: Some(begun),
        completion: Some(completed),
    };
    (
        sink,
        Pending {
            started,
            completion,
        },
    )
}

impl Sink {
    /// What tells afterwards whether all of the answer was sent.
    pub fn promise(&self) -> Promise {
        Promise(self.context.clone())
    }

    /// Announces the body and returns the stream that carries it.
    ///
    /// # Errors
    ///
    /// [`Breach`] when called a second time.
    pub fn begin(&mut self, head: Head) -> Result<Writer, Breach> {
        let (Some(begun), Some(completion)) = (self.begun.take(), self.completion.take()) else {
            return Err(Breach("`sink.begin` was called a second time"));
        };
        self.context.meter.begin(head.size);
        let (writer, body) = body::channel(self.context.clone(), head.size, completion);
        // The reader may be gone by now; the writer then reports a closed stream.
        _ = begun.send(Started { head, body });
        Ok(writer)
    }
}

/// A rule of `transfer` that the component broke. Ends the call.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Breach(&'static str);

/// Links the interface `transfer`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's transfers for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// Where sinks, blobs and streams live.
    pub table: &'a mut ResourceTable,
    /// Limit `memory_bytes`: what no sandbox can hold is not read for it.
    pub memory_bytes_max: u64,
}

impl transfer::Host for View<'_> {}

impl transfer::HostSink for View<'_> {
    fn begin(
        &mut self,
        sink: Resource<Sink>,
        head: transfer::Head,
    ) -> wasmtime::Result<Resource<DynOutputStream>> {
        let writer = self.table.get_mut(&sink)?.begin(Head {
            size: head.size,
            media_type: head.media_type,
            etag: head.etag,
        })?;
        let stream: DynOutputStream = Box::new(writer);
        Ok(self.table.push(stream)?)
    }

    fn drop(&mut self, sink: Resource<Sink>) -> wasmtime::Result<()> {
        self.table.delete(sink)?;
        Ok(())
    }
}

impl transfer::HostBlob for View<'_> {
    fn size(&mut self, blob: Resource<Blob>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&blob)?.size())
    }

    fn open(
        &mut self,
        blob: Resource<Blob>,
        offset: u64,
    ) -> wasmtime::Result<Resource<DynInputStream>> {
        let stream: DynInputStream = Box::new(self.table.get(&blob)?.open(offset));
        Ok(self.table.push(stream)?)
    }

    fn read(&mut self, blob: Resource<Blob>, offset: u64, max: u32) -> wasmtime::Result<Vec<u8>> {
        let blob = self.table.get(&blob)?;
        if blob.available(offset, max) > self.memory_bytes_max {
            let allowed = format!("{} bytes", self.memory_bytes_max);
            return Err(Limit::new("memory_bytes", allowed).into());
        }
        Ok(blob.read(offset, max)?)
    }

    fn drop(&mut self, blob: Resource<Blob>) -> wasmtime::Result<()> {
        self.table.delete(blob)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use transfer::HostBlob as _;

    use super::*;

    /// Before any memory is had for it.
    #[test]
    fn a_blob_is_read_no_further_than_a_sandbox_has_memory() {
        let mut table = ResourceTable::new();
        let file = Arc::new(tempfile::tempfile().unwrap());
        let blob = table.push(Blob::new(file, u64::MAX)).unwrap();
        let mut view = View {
            table: &mut table,
            memory_bytes_max: 8,
        };
        let lent = || Resource::new_borrow(blob.rep());
        let broken = view.read(lent(), 0, 9).unwrap_err();
        assert_eq!(broken.downcast_ref::<Limit>().unwrap().name, "memory_bytes");
        assert!(view.read(lent(), u64::MAX, 9).unwrap().is_empty());
    }
}
