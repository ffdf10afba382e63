//! An operator of a host: over the admin API, and by the command line.

use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::{self, Answer, Caller};
use crate::host::Host;
use crate::setup::{SECRET_MARK, Setup};
use crate::{artefact, wait};

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
        self.host(&operator(name))
    }
}

/// An operator as a table of `host.toml`.
pub fn operator(name: &str) -> String {
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
        let (kind, body) = ("application/json", command.to_string());
        self.send("POST", path, kind, body).await
    }

    /// Uploads a component.
    pub async fn upload(&self, component: Vec<u8>) -> Answer {
        let kind = "application/wasm";
        self.send("POST", "/components", kind, component).await
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

    /// The program with these arguments, set up to speak for the operator.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(artefact::host());
        command
            .args(arguments)
            .env("TENON_ADMIN_URL", format!("http://{}", self.address))
            .env("TENON_TOKEN", &self.token)
            .env_remove("TENON_TOKEN_FILE")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn tenon(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let ran = tokio::task::spawn_blocking(move || command.output());
        Ran(ran.await.expect("it ends").expect("it runs"))
    }
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran(Output);

impl Ran {
    /// Its exit code.
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    /// Its results.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Its complaints.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Its results as JSON; null when they are none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_default()
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
