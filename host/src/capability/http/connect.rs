//! From a URI to a connection: directly to an address that the grant allows,
//! or through the operator's proxy, with TLS on top where the URI says so.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use super::grant::{Grant, matching};
use super::origin::literal_address;
use super::resolve::Resolver;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// After this long without a byte the kernel asks whether the peer is there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Why there is no connection, where no library says it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("no grant names the origin")]
    NotGranted,
    #[error("the name cannot be resolved")]
    Lookup(#[source] io::Error),
    #[error("the grant allows none of the host's addresses")]
    Prohibited,
    #[error("no connection in time")]
    Timeout,
    #[error("the proxy opens no tunnel")]
    Tunnel(#[source] BoxError),
}

/// The whole way to a server, within a time limit.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) secured: HttpsConnector<Outlet>,
    pub(super) timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Link>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.secured.poll_ready(task)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.timeout, self.secured.call(uri));
        Box::pin(async { connecting.await.map_err(|_| ConnectError::Timeout)? })
    }
}

/// The way out of this host: the grants' policies, or a proxy.
#[derive(Debug, Clone)]
pub(super) struct Outlet {
    pub(super) grants: Arc<[Arc<Grant>]>,
    pub(super) proxies: Arc<Matcher>,
    pub(super) timeout: Duration,
}

impl Outlet {
    fn direct(&self, uri: Uri) -> Connecting<Link> {
        let Some((_, grant)) = matching(&self.grants, &uri) else {
            return Box::pin(async { Err(ConnectError::NotGranted.into()) });
        };
        if literal_address(&uri).is_some_and(|address| !grant.addresses.allows(address)) {
            return Box::pin(async { Err(ConnectError::Prohibited.into()) });
        }
        let resolver = Resolver::new(grant.addresses.clone());
        let mut dialer = HttpConnector::new_with_resolver(resolver);
        self.configure(&mut dialer);
        let dialing = dialer.call(uri);
        Box::pin(async { Ok(Link::new(dialing.await?, false)) })
    }

    fn proxied(&self, proxy: &Intercept, uri: Uri) -> Connecting<Link> {
        // The proxy is the operator's own: its address is not checked.
        let mut dialer = HttpConnector::new();
        self.configure(&mut dialer);
        if uri.scheme_str() == Some("http") {
            let dialing = dialer.call(proxy.uri().clone());
            return Box::pin(async { Ok(Link::new(dialing.await?, true)) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), dialer);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let dialing = tunnel.call(uri);
        Box::pin(async {
            let stream = dialing.await.map_err(|error| {
                tracing::warn!(%error, "the proxy opens no tunnel");
                ConnectError::Tunnel(error.into())
            })?;
            Ok(Link::new(stream, false))
        })
    }

    fn configure<R>(&self, dialer: &mut HttpConnector<R>) {
        dialer.enforce_http(false);
        dialer.set_nodelay(true);
        dialer.set_keepalive(Some(KEEPALIVE));
        // Shared among the addresses, so that a dead one leaves time for the next.
        dialer.set_connect_timeout(Some(self.timeout));
    }
}

impl Service<Uri> for Outlet {
    type Response = Link;
    type Error = BoxError;
    type Future = Connecting<Link>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self.proxies.intercept(&uri) {
            Some(proxy) => self.proxied(&proxy, uri),
            None => self.direct(uri),
        }
    }
}

/// A connection that knows whether a proxy forwards what is sent on it.
#[derive(Debug)]
pub(super) struct Link {
    stream: TokioIo<TcpStream>,
    forwarded: bool,
}

impl Link {
    fn new(stream: TokioIo<TcpStream>, forwarded: bool) -> Self {
        Self { stream, forwarded }
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        // A forwarding proxy wants the whole URI in the request line.
        self.stream.connected().proxy(self.forwarded)
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(task, parts)
    }
}
