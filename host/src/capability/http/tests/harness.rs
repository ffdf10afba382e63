//! Servers on loopback and a guest's side of a request.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks as _};

use super::super::*;
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::capability::{self, secret};

/// What a server was asked.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) uri: String,
    pub(super) headers: HeaderMap,
    /// `None` when it broke off.
    pub(super) body: Option<Bytes>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().unwrap())
    }
}

/// A real server that keeps what it sees and answers with its path. Paths
/// that begin with `/redirect` lead to `/elsewhere`.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::start_with(|stream| async { Some(stream) }).await
    }

    pub(super) async fn start_tls(config: rustls::ServerConfig) -> Self {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        Self::start_with(move |stream| {
            let acceptor = acceptor.clone();
            async move { acceptor.accept(stream).await.ok() }
        })
        .await
    }

    async fn start_with<S, F>(accept: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            seen: Arc::default(),
        };
        let shared = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let accepting = accept(stream);
                let server = shared.clone();
                tokio::spawn(async move {
                    let Some(stream) = accepting.await else {
                        return;
                    };
                    let service = service_fn(move |request| server.clone().answer(request));
                    let connection = auto::Builder::new(TokioExecutor::new());
                    _ = connection
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        server
    }

    async fn answer(
        self,
        request: Request<hyper::body::Incoming>,
    ) -> Result<Response<Full<Bytes>>, http::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.ok().map(|body| body.to_bytes());
        let path = parts.uri.path().to_owned();
        self.seen.lock().unwrap().push(Seen {
            uri: parts.uri.to_string(),
            headers: parts.headers,
            body,
        });
        if path.starts_with("/redirect") {
            let response = Response::builder()
                .status(302)
                .header("location", "/elsewhere");
            return response.body(Full::default());
        }
        if path == "/large-head" {
            let response = Response::builder().header("x-large", "x".repeat(100_000));
            return response.body(Full::default());
        }
        Response::builder().body(Full::from(path))
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests, once there are `count` of them.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Seen> {
        let enough = async {
            while self.seen().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), enough)
            .await
            .unwrap();
        self.seen()
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

/// Reads the head of one request, answers with `response`, and hangs up after
/// the client does or when `hang_up` says so.
pub(super) async fn raw_server(response: &'static [u8], hang_up: bool) -> RawServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(response).await.unwrap();
        if !hang_up {
            _ = stream.read_to_end(&mut Vec::new()).await;
        }
        String::from_utf8(head).unwrap()
    });
    RawServer { address, task }
}

pub(super) struct RawServer {
    pub(super) address: SocketAddr,
    /// Ends with the head of the request.
    pub(super) task: tokio::task::JoinHandle<String>,
}

pub(super) fn grant(origin: &str, addresses: AddressPolicy) -> Grant {
    Grant {
        origin: origin.parse().unwrap(),
        addresses,
        credentials: [].into(),
    }
}

pub(super) fn options() -> ClientOptions {
    ClientOptions::default()
}

/// A sandbox's side of `wasi:http` whose caller is alice with the token TOKEN.
pub(super) fn hooks(grants: Vec<Grant>) -> Hooks {
    hooks_with(Grants::new(grants, &options()).unwrap())
}

pub(super) fn hooks_with(http: Grants) -> Hooks {
    let grants = capability::Grants {
        http,
        secrets: secret::Grants {
            secrets: [(
                "key".to_owned(),
                secret::Secret {
                    value: "K3Y".into(),
                    reveal: false,
                },
            )]
            .into(),
            reveal_caller: false,
        },
        ..capability::Grants::default()
    };
    let usage = Usage::new(&grants, &Arc::default());
    Hooks::new(context(), Arc::new(grants), usage, Limits::default())
}

pub(super) fn context() -> Arc<Context> {
    let mut context = Context::new("req-1".into(), "tenant/c".into());
    context.user = Some("alice".into());
    context.credential = Some("TOKEN".into());
    context.trace_parent.set("00-1-2-01".into()).unwrap();
    Arc::new(context)
}

pub(super) async fn send(
    hooks: &mut Hooks,
    request: Request<WasiBody>,
) -> Result<Response<WasiBody>, Error> {
    let pending = hooks.send_request(request, None, Box::new(async { Ok(()) }));
    let (response, _) = Pin::from(pending).await?;
    Ok(response)
}

pub(super) async fn get(hooks: &mut Hooks, uri: &str) -> Result<Response<WasiBody>, Error> {
    send(hooks, Request::get(uri).body(empty()).unwrap()).await
}

pub(super) async fn text(response: Response<WasiBody>) -> Result<String, Error> {
    let body = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

pub(super) fn empty() -> WasiBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Without an announced length, as `wasi:http` hands over what a guest writes.
pub(super) fn parts(parts: Vec<&'static str>) -> WasiBody {
    let frames = parts
        .into_iter()
        .map(|part| Ok(http_body::Frame::data(Bytes::from(part))));
    StreamBody::new(futures::stream::iter(frames)).boxed_unsync()
}
