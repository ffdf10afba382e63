//! A client that sees what is on the wire: a body that breaks off is told
//! from one that ends.

mod deposit;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// An answer, read as far as it went.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes that came.
    pub body: Vec<u8>,
    /// Whether the body ended as its framing says it should.
    pub whole: bool,
}

impl Answer {
    /// Reads a response to its end, or to where it breaks off.
    pub async fn read(response: Response<Incoming>) -> Self {
        let (head, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        let mut whole = true;
        while let Some(frame) = incoming.frame().await {
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => body.extend_from_slice(&data),
                Ok(Err(_)) => {}
                Err(_) => whole = false,
            }
        }
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            whole,
        }
    }

    /// A header's value; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The paths of a listing, in its order.
    pub fn files(&self) -> Vec<String> {
        let json = self.json();
        let files = json["files"].as_array().cloned().unwrap_or_default();
        let text = |file: Value| file.as_str().unwrap_or_default().to_owned();
        files.into_iter().map(text).collect()
    }
}

/// Sends one request over a connection of its own, and returns with the head
/// of the answer.
///
/// # Errors
///
/// When the server does not answer.
pub async fn open(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<Response<Incoming>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

/// Sends one request and reads the answer.
///
/// # Panics
///
/// When the server does not answer.
pub async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Answer {
    let response = open(address, request).await.expect("an answer");
    Answer::read(response).await
}

/// A caller of one connector.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where the host listens.
    pub address: SocketAddr,
    /// The `Host` header.
    pub host: String,
    /// What stands before `/storage`.
    pub prefix: String,
    /// The `userId`.
    pub user: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Caller {
    /// One that finds the connector by its `Host`.
    pub fn new(address: SocketAddr, host: &str, user: &str) -> Self {
        Self {
            address,
            host: host.to_owned(),
            prefix: String::new(),
            user: user.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same, with one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, as somebody else.
    #[must_use]
    pub fn as_user(&self, user: &str) -> Self {
        Self {
            user: user.to_owned(),
            ..self.clone()
        }
    }

    /// A request of this caller.
    ///
    /// # Panics
    ///
    /// When it is none in HTTP.
    pub fn request(&self, method: &str, path: &str, body: &str) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header("host", &self.host);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        request.body(body).expect("a request")
    }

    /// A request with a JSON body.
    pub fn json(&self, method: &str, path: &str, body: &Value) -> Request<Full<Bytes>> {
        let json = ("content-type", "application/json".to_owned());
        let mut caller = self.clone();
        caller.headers.push(json);
        caller.request(method, path, &body.to_string())
    }

    /// An operation with a `filepath`.
    pub async fn operate(&self, method: &str, path: &str, filepath: &str) -> Answer {
        let body = json!({ "filepath": filepath, "userId": self.user });
        send(self.address, self.json(method, path, &body)).await
    }

    /// Reads a file.
    pub async fn file(&self, filepath: &str) -> Answer {
        self.operate("GET", "/storage/file", filepath).await
    }

    /// Begins to read a file.
    ///
    /// # Panics
    ///
    /// When the host does not answer.
    pub async fn open_file(&self, filepath: &str) -> Response<Incoming> {
        let body = json!({ "filepath": filepath, "userId": self.user });
        let request = self.json("GET", "/storage/file", &body);
        open(self.address, request).await.expect("an answer")
    }

    /// Lists a folder.
    pub async fn folder(&self, filepath: &str) -> Answer {
        self.operate("GET", "/storage/folder", filepath).await
    }

    /// Deletes a file.
    pub async fn delete(&self, filepath: &str) -> Answer {
        self.operate("DELETE", "/storage/file", filepath).await
    }

    /// Asks without a body.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.address, self.request("GET", path, "")).await
    }

    /// Sends a form of parts: name, file name if it is a file, content.
    pub async fn form(&self, parts: &[(&str, Option<&str>, &str)]) -> Answer {
        let mut body = String::new();
        for (name, file, content) in parts {
            let file = file
                .map(|file| format!("; filename=\"{file}\""))
                .unwrap_or_default();
            body += "--frontier\r\nContent-Disposition: form-data; ";
            body += &format!("name=\"{name}\"{file}\r\n\r\n{content}\r\n");
        }
        body += "--frontier--\r\n";
        let kind = "multipart/form-data; boundary=frontier";
        let caller = self.clone().with("content-type", kind);
        send(self.address, caller.request("POST", "/storage/file", &body)).await
    }

    /// Stores a file, in the order of parts in which the callers send them.
    pub async fn upload(&self, filepath: &str, content: &str) -> Answer {
        let parts = [
            ("filepath", None, filepath),
            ("userId", None, self.user.as_str()),
            ("file", Some("name"), content),
        ];
        self.form(&parts).await
    }
}
