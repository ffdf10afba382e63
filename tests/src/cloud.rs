//! A WebDAV server with the manners of a bad day, which notes what it is
//! asked. What it does is in the name of the file:
//!
//! | name | `HEAD` | `GET` |
//! |---|---|---|
//! | `status-503.txt` | that status, with `Retry-After: 7` | |
//! | `silent.txt` | never answers | |
//! | `half.bin` | 200 | half of its bytes, then the connection is lost |
//! | `stall.bin` | 200 | half of its bytes, then nothing |
//! | `gated.bin` | 200 | half of its bytes, and the rest when told to |
//! | any other | 200 | its own path |

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Half of a `.bin` file.
pub const HALF: usize = 1 << 20;

/// A request that came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Method and path.
    pub line: String,
    /// The headers.
    pub headers: HeaderMap,
}

impl Seen {
    /// A header's value; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// The server, until dropped.
#[derive(Debug)]
pub struct Cloud {
    /// Where it listens.
    pub address: SocketAddr,
    day: Arc<Day>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Day {
    seen: Mutex<Vec<Seen>>,
    gate: Semaphore,
}

impl Cloud {
    /// Starts it on the current runtime.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    pub async fn start() -> Self {
        let address = crate::address::unused();
        let listener = TcpListener::bind(address).await.expect("an address");
        let day = Arc::new(Day {
            seen: Mutex::default(),
            gate: Semaphore::new(0),
        });
        let app = Router::new().fallback(answer).with_state(day.clone());
        let task = tokio::spawn(async move { _ = axum::serve(listener, app).await });
        Self { address, day, task }
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets one `gated.bin` go on, now or when it comes.
    pub fn open_gate(&self) {
        self.day.gate.add_permits(1);
    }

    /// The requests since the last time.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.day.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the two halves of a `.bin` file are.
    pub fn content() -> Vec<u8> {
        [half(0), half(1)].concat()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(day): State<Arc<Day>>, request: Request) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let seen = Seen {
        line: format!("{method} {path}"),
        headers: request.headers().clone(),
    };
    day.seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(seen);
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if method == "PROPFIND" {
        return with(StatusCode::MULTI_STATUS, Body::from(multistatus(&path)));
    }
    if let Some(status) = stem
        .strip_prefix("status-")
        .and_then(|code| code.parse().ok())
    {
        let mut response = with(status, Body::empty());
        response
            .headers_mut()
            .insert("retry-after", http::HeaderValue::from_static("7"));
        return response;
    }
    if stem == "silent" {
        std::future::pending::<()>().await;
    }
    if method == "HEAD" || !name.ends_with(".bin") {
        return with(StatusCode::OK, Body::from(path));
    }
    let rest = rest(stem.to_owned(), day);
    let first = stream::once(async { Ok::<_, std::io::Error>(half(0)) });
    with(StatusCode::OK, Body::from_stream(first.chain(rest)))
}

fn rest(stem: String, day: Arc<Day>) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    stream::once(async move {
        match stem.as_str() {
            "half" => return Err(std::io::Error::other("lost")),
            "stall" => std::future::pending().await,
            // The gate is never closed.
            _ => day
                .gate
                .acquire()
                .await
                .map(|permit| permit.forget())
                .unwrap_or_default(),
        }
        Ok(half(1))
    })
}

fn half(which: u8) -> Bytes {
    let byte = |at: usize| (at % 251) as u8 ^ which;
    (0..HALF).map(byte).collect::<Vec<_>>().into()
}

fn with(status: StatusCode, body: Body) -> Response {
    let built = Response::builder().status(status).body(body);
    built.unwrap_or_else(|_| Response::default())
}

/// A folder that says nothing of its contents.
fn multistatus(path: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\"><d:response>\
         <d:href>{path}</d:href><d:propstat><d:prop><d:resourcetype><d:collection/>\
         </d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>\
         </d:response></d:multistatus>"
    )
}
