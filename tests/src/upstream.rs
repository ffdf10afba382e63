//! A real HTTP server on loopback that keeps what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// `None` when it was broken off.
    pub body: Option<Bytes>,
}

/// Answers with the path it was asked for, with two exceptions:
/// `/redirect/<url>` leads to the URL, and `/silent` is never answered.
#[derive(Debug, Clone)]
pub struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Upstream {
    /// Starts one on a port of its own.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let upstream = Self {
            address: listener.local_addr().expect("an address"),
            seen: Arc::default(),
        };
        let serving = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let upstream = serving.clone();
                tokio::spawn(async move {
                    let answer = service_fn(move |request| upstream.clone().answer(request));
                    // A client that breaks off is what many tests are about.
                    _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
        upstream
    }

    async fn answer(self, request: Request<Incoming>) -> http::Result<Response<Full<Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.ok().map(|body| body.to_bytes());
        let path = parts.uri.to_string();
        self.note(Seen {
            path: path.clone(),
            headers: parts.headers,
            body,
        });
        if path == "/silent" {
            std::future::pending::<()>().await;
        }
        match path.strip_prefix("/redirect/") {
            Some(target) => Response::builder()
                .status(StatusCode::FOUND)
                .header("location", target)
                .body(Full::default()),
            None => Response::builder().body(Full::from(path)),
        }
    }

    fn note(&self, request: Seen) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(request);
    }

    /// Its origin, by address.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its origin, by the name of loopback.
    pub fn origin_by_name(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    /// The first request, once there is one.
    ///
    /// # Panics
    ///
    /// When there is none for ten seconds.
    pub async fn first(&self) -> Seen {
        let arrival = async {
            loop {
                if let Some(first) = self.seen().into_iter().next() {
                    return first;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(10), arrival).await;
        arrived.expect("a request")
    }
}
