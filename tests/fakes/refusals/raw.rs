//! A client that sends what it is told, however wrong.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A request in the making; `host`, `connection` and the length come by
/// themselves.
#[derive(Debug, Clone)]
pub struct Request {
    head: String,
    body: Vec<u8>,
    framing: Framing,
}

#[derive(Debug, Clone, Copy)]
enum Framing {
    Length,
    Chunked,
    /// Neither length nor chunks.
    None,
    /// A length that is too large by so much.
    Short(usize),
}

/// An answer that came whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Bytes of an answer's body that came before the connection closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut(pub usize);

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            head: format!("{method} {path} HTTP/1.1\r\nhost: fake\r\nconnection: close\r\n"),
            body: Vec::new(),
            framing: Framing::None,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.framing = Framing::Length;
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    pub fn without_length(mut self) -> Self {
        self.framing = Framing::None;
        self.body.clear();
        self
    }

    /// Promises so many bytes more than come.
    pub fn short_by(mut self, bytes: usize) -> Self {
        self.framing = Framing::Short(bytes);
        self
    }

    /// The answer.
    pub fn send(&self, origin: &str) -> Reply {
        self.try_send(origin).expect("a whole answer")
    }

    /// The answer, or how it was cut.
    pub fn try_send(&self, origin: &str) -> Result<Reply, Cut> {
        let mut stream = self.start(origin);
        let mut answer = Vec::new();
        // A reset is an end as well.
        _ = stream.read_to_end(&mut answer);
        parse(&answer)
    }

    /// Sends without waiting for the answer.
    pub fn start(&self, origin: &str) -> TcpStream {
        let address = origin.strip_prefix("http://").expect("an origin");
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a socket");
        let framing = match self.framing {
            Framing::Length => format!("content-length: {}\r\n", self.body.len()),
            Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
            Framing::None => String::new(),
            Framing::Short(by) => format!("content-length: {}\r\n", self.body.len() + by),
        };
        let mut bytes = format!("{}{framing}\r\n", self.head).into_bytes();
        match self.framing {
            Framing::Chunked => {
                if !self.body.is_empty() {
                    bytes.extend(format!("{:x}\r\n", self.body.len()).bytes());
                    bytes.extend(&self.body);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
            _ => bytes.extend(&self.body),
        }
        // The server may close before it has read all.
        _ = stream.write_all(&bytes);
        if let Framing::Short(_) = self.framing {
            stream.shutdown(Shutdown::Write).expect("a socket");
        }
        stream
    }
}

impl Reply {
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {text}"))
    }

    pub fn message(&self) -> String {
        let json = self.json();
        json["message"].as_str().expect("a message").to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

fn parse(answer: &[u8]) -> Result<Reply, Cut> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.ok_or(Cut(0))? + 4);
    let head = String::from_utf8_lossy(head).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let reply = Reply {
        status: status.expect("a status"),
        head,
        body: body.to_vec(),
    };
    let length = reply.header("content-length").map(str::parse);
    match length {
        Some(Ok(length)) if reply.body.len() < length => Err(Cut(reply.body.len())),
        _ => Ok(reply),
    }
}

/// The status line of what comes until the connection closes.
pub fn status_line(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}
