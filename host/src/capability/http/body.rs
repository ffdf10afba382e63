//! Bodies on their way to and from a server. Either one ends cleanly only
//! when it is all there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, WasiBody};

use super::error::broken_body;
use crate::capability::call::Context;
use crate::capability::usage::Origin;

/// A guest's request body.
///
/// A sandbox that vanishes drops its end of the body, which by itself looks
/// like the end of the bytes: the server would store half a file as a whole
/// one. Here that end is an error, and so is any length but the announced.
pub(super) struct Outgoing {
    inner: WasiBody,
    context: Arc<Context>,
    origin: Arc<Origin>,
    /// Bytes still announced, when a length was.
    left: Option<u64>,
    /// Dropped when there is nothing more to send.
    sending: Option<oneshot::Sender<()>>,
}

impl Outgoing {
    /// The body, and what resolves once all of it has been handed over.
    pub(super) fn new(
        inner: WasiBody,
        context: Arc<Context>,
        origin: Arc<Origin>,
        length: Option<u64>,
    ) -> (Self, oneshot::Receiver<()>) {
        let (sending, sent) = oneshot::channel();
        let body = Self {
            inner,
            context,
            origin,
            left: length,
            sending: Some(sending),
        };
        (body, sent)
    }

    fn count(&mut self, frame: &Frame<Bytes>) -> Result<(), Error> {
        let sent = frame.data_ref().map_or(0, Bytes::len) as u64;
        if let Some(left) = &mut self.left {
            let rest = left.checked_sub(sent);
            *left = rest.ok_or(Error::HttpRequestBodySize(None))?;
        }
        self.context.meter.add_sent(sent);
        self.origin.add_sent(sent);
        Ok(())
    }

    fn end(&self) -> Result<(), Error> {
        if self.context.is_aborted() {
            return Err(Error::ConnectionTerminated);
        }
        match self.left {
            None | Some(0) => Ok(()),
            Some(_) => Err(Error::HttpRequestBodySize(None)),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(task)) {
            Some(Ok(frame)) => self.count(&frame).map(|()| frame).map(Some),
            Some(Err(error)) => Err(error),
            None => self.end().map(|()| None),
        };
        if !matches!(frame, Ok(Some(_))) {
            self.sending = None;
        }
        Poll::Ready(frame.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A server's response body.
pub(super) struct Incoming {
    inner: hyper::body::Incoming,
    timeout: Duration,
    /// Where its bytes are counted.
    counted: (Arc<Context>, Arc<Origin>),
    /// When the wait for the next bytes ends; set while somebody waits.
    waiting: Option<Pin<Box<Sleep>>>,
    /// The request counts as open until its response has been read or dropped.
    _open: OwnedSemaphorePermit,
}

impl Incoming {
    pub(super) fn new(
        inner: hyper::body::Incoming,
        timeout: Duration,
        counted: (Arc<Context>, Arc<Origin>),
        open: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            inner,
            timeout,
            counted,
            waiting: None,
            _open: open,
        }
    }

    fn count(&self, frame: &Frame<Bytes>) {
        let received = frame.data_ref().map_or(0, Bytes::len) as u64;
        let (context, origin) = &self.counted;
        context.meter.add_received(received);
        origin.add_received(received);
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(task) {
            self.waiting = None;
            if let Some(Ok(frame)) = &frame {
                self.count(frame);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| broken_body(&error))));
        }
        let deadline = Instant::now() + self.timeout;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        ready!(waiting.as_mut().poll(task));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
