//! An operator of a host: over the admin API, and by the command line.

mod command;
mod rollout;

pub use command::Ran;
pub use rollout::Event;

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::{self, Answer, Caller};
use crate::host::Host;
use crate::setup::{SECRET_MARK, Setup};
use crate::wait;

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Where the host is operated.
    pub address: SocketAddr,
    /// What they prove themselves with.
    pub token: String,
}

impl Setup {
    /// Adds an operator with this name, whose token follows from it.
    #[must_use]
    pub fn operator(self, name: &str) -> Self {
        self.host(&table(name))
    }
}

/// An operator as a table of `host.toml`.
pub fn table(name: &str) -> String {
    let hash = Sha256::digest(token(name));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("[[admin.operators]]\nname = '{name}'\ntoken_sha256 = '{hash}'\n")
}

fn token(name: &str) -> String {
    format!("{SECRET_MARK}-of-{name}")
}

impl Host {
    /// The operator with this name.
    pub fn operator(&self, name: &str) -> Operator {
        Operator {
            address: self.setup.admin,
            token: token(name),
        }
    }
}

impl Operator {
    /// A request below `/admin/v1`.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Request<Full<Bytes>> {
        let mut caller = Caller::new(self.address, "localhost", "");
        if !self.token.is_empty() {
            caller = caller.with("authorization", format!("Bearer {}", self.token));
        }
        if !content_type.is_empty() {
            caller = caller.with("content-type", content_type);
        }
        let request = caller.request(method, &format!("/admin/v1{path}"), "");
        request.map(|_| Full::new(body.into()))
    }

    /// Sends such a request.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        let request = self.request(method, path, content_type, body);
        client::send(self.address, request).await
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "").await
    }

    /// Asks for a change.
    pub async fn post(&self, path: &str, command: &Value) -> Answer {
        client::send(self.address, self.change(path, command)).await
    }

    /// The request for a change.
    pub fn change(&self, path: &str, command: &Value) -> Request<Full<Bytes>> {
        self.request("POST", path, "application/json", command.to_string())
    }

    /// Uploads a component.
    pub async fn upload(&self, component: &[u8]) -> Answer {
        client::send(self.address, self.handing_in(component)).await
    }

    /// The request that uploads a component.
    pub fn handing_in(&self, component: &[u8]) -> Request<Full<Bytes>> {
        let component = Bytes::copy_from_slice(component);
        self.request("POST", "/components", "application/wasm", component)
    }

    /// Begins to read an answer of lines that goes on.
    ///
    /// # Panics
    ///
    /// When the host refuses.
    pub async fn follow(&self, path: &str) -> Following {
        let request = self.request("GET", path, "", "");
        let response = client::open(self.address, request)
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200);
        Following {
            body: response.into_body(),
            buffer: Vec::new(),
        }
    }
}

/// An answer that goes on.
#[derive(Debug)]
pub struct Following {
    body: Incoming,
    buffer: Vec<u8>,
}

impl Following {
    /// The next line that is not empty; none once the answer has ended as it
    /// should.
    ///
    /// # Panics
    ///
    /// When the answer breaks off, or nothing comes.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.buffer.drain(..=end).collect();
                if line.len() > 1 {
                    return Some(serde_json::from_slice(&line).expect("a line of JSON"));
                }
            }
            let frame = tokio::time::timeout(wait::LONG, self.body.frame());
            let frame = frame.await.expect("something to come")?;
            let data = frame.expect("an answer that goes on").into_data();
            self.buffer.extend(data.expect("nothing but data"));
        }
    }

    /// Waits for a line that fits.
    ///
    /// # Panics
    ///
    /// When the answer ends before.
    pub async fn find(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.next().await;
            let line = line.unwrap_or_else(|| panic!("it ended without {what}"));
            if fits(&line) {
                return line;
            }
        }
    }
}
