//! A caller's bytes, as the input stream a component reads.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use futures::{FutureExt as _, Stream, StreamExt as _};
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

use super::Aborted;
use crate::capability::Limit;
use crate::capability::call::Context;

type Source = Pin<Box<dyn Stream<Item = Result<Bytes, Aborted>> + Send>>;

/// Bytes on their way from the caller to a component.
pub struct Upload {
    source: Source,
    waiting: Bytes,
    state: State,
    received: u64,
    context: Option<Arc<Context>>,
}

#[derive(Debug)]
enum State {
    Open,
    Failed(Aborted),
    Ended,
}

impl Upload {
    /// Wraps the caller's bytes; an error in them reaches the component as a
    /// failed read, never as the end.
    pub fn new(source: impl Stream<Item = Result<Bytes, Aborted>> + Send + 'static) -> Self {
        Self {
            source: Box::pin(source),
            waiting: Bytes::new(),
            state: State::Open,
            received: 0,
            context: None,
        }
    }

    /// Counts the bytes towards the progress of a call.
    pub fn metered(mut self, context: Arc<Context>) -> Self {
        self.context = Some(context);
        self
    }

    /// Waits for the next run of bytes; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Aborted`] when the caller broke off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Aborted> {
        self.fill().await;
        if !self.waiting.is_empty() {
            return Ok(Some(std::mem::take(&mut self.waiting)));
        }
        match &self.state {
            State::Failed(aborted) => Err(aborted.clone()),
            State::Open | State::Ended => Ok(None),
        }
    }

    fn count(&mut self) {
        let Some(context) = &self.context else {
            return;
        };
        context.meter.add_moved(self.waiting.len());
        self.received += self.waiting.len() as u64;
        if let Some(max) = context.upload_bytes_max
            && self.received > max
        {
            let limit = Limit::new("upload_bytes", format_args!("{max} bytes"));
            self.state = State::Failed(Aborted::new(limit.to_string()));
            self.waiting.clear();
            context.break_limit(limit);
        }
    }

    async fn fill(&mut self) {
        while self.waiting.is_empty() && matches!(self.state, State::Open) {
            match self.source.next().await {
                Some(Ok(bytes)) => {
                    self.waiting = bytes;
                    self.count();
                }
                Some(Err(aborted)) => self.state = State::Failed(aborted),
                None => self.state = State::Ended,
            }
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Upload {
    async fn ready(&mut self) {
        self.fill().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for Upload {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        // Take what is there without waiting; the guest polls for more.
        _ = self.fill().now_or_never();
        if self.waiting.has_remaining() {
            let size = size.min(self.waiting.len());
            return Ok(self.waiting.split_to(size));
        }
        match &self.state {
            State::Open => Ok(Bytes::new()),
            State::Failed(aborted) => Err(StreamError::LastOperationFailed(aborted.clone().into())),
            State::Ended => Err(StreamError::Closed),
        }
    }
}
