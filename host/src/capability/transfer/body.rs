//! A component's output stream, and the HTTP body at its other end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};

use bytes::Bytes;
use http_body::Frame;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::DropGuard;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::{Breach, CHUNK_BYTES_MAX, CHUNKS_WAITING_MAX};
use crate::capability::Limit;
use crate::capability::call::Context;

/// The transfer broke off; what came before it is not the whole.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the transfer was broken off: {reason}")]
pub struct Aborted {
    /// Why, for the log.
    pub reason: String,
}

impl Aborted {
    /// Says why a transfer broke off.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

pub(super) fn channel(
    context: Arc<Context>,
    size: Option<u64>,
    completion: oneshot::Receiver<Result<(), Aborted>>,
) -> (Writer, Body) {
    let (sender, receiver) = mpsc::channel(CHUNKS_WAITING_MAX);
    let body = Body {
        receiver,
        completion: Some(completion),
        confirmed: None,
        left: size,
        _cancel: context.cancelled.clone().drop_guard(),
    };
    let writer = Writer {
        context,
        sender,
        left: size,
        sent: 0,
    };
    (writer, body)
}

/// The stream a component writes.
#[derive(Debug)]
pub struct Writer {
    context: Arc<Context>,
    sender: mpsc::Sender<Bytes>,
    /// Bytes still announced, when a size was.
    left: Option<u64>,
    sent: u64,
}

impl Writer {
    fn count(&mut self, bytes: usize) -> StreamResult<()> {
        self.sent += bytes as u64;
        if let Some(max) = self.context.response_bytes_max
            && self.sent > max
        {
            let limit = Limit::new("response_bytes", format_args!("{max} bytes"));
            return Err(StreamError::Trap(limit.into()));
        }
        if let Some(left) = &mut self.left {
            *left = left
                .checked_sub(bytes as u64)
                .ok_or_else(|| breach("more bytes were written than `sink.begin` announced"))?;
            self.context.meter.set_owed(*left);
        }
        self.context.meter.add_moved(bytes);
        Ok(())
    }

    /// Hands on a run of bytes, waiting for room.
    ///
    /// # Errors
    ///
    /// [`StreamError`] when the reader is gone or the announced size is passed.
    pub async fn send(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.count(bytes.len())?;
        let sent = self.sender.send(bytes).await;
        sent.map_err(|_| StreamError::Closed)
    }
}

fn breach(rule: &'static str) -> StreamError {
    StreamError::Trap(Breach(rule).into())
}

#[wasmtime_wasi::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {
        // A closed channel is ready too: the next write reports it.
        _ = self.sender.reserve().await;
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.count(bytes.len())?;
        match self.sender.try_send(bytes) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(StreamError::Closed),
            Err(mpsc::error::TrySendError::Full(_)) => {
                Err(breach("it wrote without asking `check-write`"))
            }
        }
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        if self.sender.is_closed() {
            return Err(StreamError::Closed);
        }
        Ok(if self.sender.capacity() == 0 {
            0
        } else {
            CHUNK_BYTES_MAX
        })
    }
}

/// The bytes of a transfer. Ends cleanly only when the announced number of
/// bytes has passed *and* the call that produced them has been confirmed.
#[derive(Debug)]
pub struct Body {
    receiver: mpsc::Receiver<Bytes>,
    completion: Option<oneshot::Receiver<Result<(), Aborted>>>,
    confirmed: Option<Result<(), Aborted>>,
    left: Option<u64>,
    /// A reader that goes away cancels the call.
    _cancel: DropGuard,
}

impl Body {
    fn end(&self, confirmed: Result<(), Aborted>) -> Option<Result<Frame<Bytes>, Aborted>> {
        match (confirmed, self.left) {
            (Ok(()), None | Some(0)) => None,
            (Ok(()), Some(left)) => Some(Err(Aborted::new(format!("{left} bytes are missing")))),
            (Err(aborted), _) => Some(Err(aborted)),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        // The call's end is the body's, even where a component has kept its
        // stream open; what was written before is still to come.
        if let Some(completion) = &mut self.completion
            && let Poll::Ready(confirmed) = Pin::new(completion).poll(task)
        {
            let lost = |_| Err(Aborted::new("the call ended without a result"));
            self.confirmed = Some(confirmed.unwrap_or_else(lost));
            self.completion = None;
            self.receiver.close();
        }
        if let Some(bytes) = ready!(self.receiver.poll_recv(task)) {
            if let Some(left) = &mut self.left {
                *left = left.saturating_sub(bytes.len() as u64);
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.completion.is_some() {
            return Poll::Pending;
        }
        let confirmed = self.confirmed.take();
        Poll::Ready(confirmed.and_then(|confirmed| self.end(confirmed)))
    }
}
