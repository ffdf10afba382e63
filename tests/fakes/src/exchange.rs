//! One request on its way through a fake.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;

use crate::record::Record;
use crate::text;

/// An answer before any fault.
pub(crate) type Answer = Response<Bytes>;

/// The connection is gone, by the client's doing or by a fault.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is broken")
    }
}

impl std::error::Error for Broken {}

/// The longest JSON body that a fake reads.
const JSON_LIMIT: usize = 4 << 20;

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &Value) -> Answer {
    bytes(status, "application/json", body.to_string().into())
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = code(status);
    answer
}

/// An answer of any kind.
pub(crate) fn bytes(status: u16, media_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = code(status);
    let media_type = http::HeaderValue::from_static(media_type);
    answer.headers_mut().insert("content-type", media_type);
    answer
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

/// An answer with the length of its body, ready to send.
pub(crate) fn whole(answer: Answer) -> Response<Body> {
    answer.map(Body::from)
}

/// The request, its body still to be read.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// Still encoded.
    pub(crate) path: String,
    /// The query's pairs; `None` when it is broken.
    pub(crate) query: Option<Vec<(String, String)>>,
    pub(crate) headers: HeaderMap,
    pub(crate) number: usize,
    body: Incoming,
    record: Arc<Record>,
}

impl Exchange {
    pub(crate) fn new(parts: Parts, body: Incoming, record: Arc<Record>, number: usize) -> Self {
        Self {
            path: parts.uri.path().to_owned(),
            query: text::pairs(parts.uri.query().unwrap_or("")),
            method: parts.method,
            headers: parts.headers,
            number,
            body,
            record,
        }
    }

    /// Notes that the client broke a rule.
    pub(crate) fn violation(&self, rule: impl Into<String>) {
        self.record.violation(self.number, rule);
    }

    /// A header that came once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The parts of the path, decoded; `None` when it is broken.
    pub(crate) fn segments(&self) -> Option<Vec<String>> {
        let parts = self.path.trim_start_matches('/').split('/');
        parts.map(text::decode).collect()
    }

    /// The length that the client declared.
    pub(crate) fn declared(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.headers.contains_key("transfer-encoding")
    }

    /// Whether a body comes, be it empty chunks.
    pub(crate) fn has_body(&self) -> bool {
        self.is_chunked() || self.declared().is_some_and(|length| length > 0)
    }

    /// The media type of the body, without parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let full = self.header("content-type").unwrap_or("");
        let plain = full.split(';').next().unwrap_or("");
        plain.trim().to_ascii_lowercase()
    }

    /// The next piece of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|_| Broken)?;
            if let Ok(data) = frame.into_data() {
                let length = data.len() as u64;
                self.record
                    .update(self.number, |call| call.received += length);
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Reads the rest of the body and drops it, so that an early answer
    /// reaches a client that is still sending.
    pub(crate) async fn drain(&mut self) -> Result<(), Broken> {
        while self.chunk().await?.is_some() {}
        Ok(())
    }

    /// The whole body, at most `limit` bytes of it; the rest is dropped.
    pub(crate) async fn all(&mut self, limit: usize) -> Result<Bytes, Broken> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            let room = limit.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..room.min(chunk.len())]);
        }
        Ok(body.freeze())
    }

    /// The body as JSON; what is wrong with it otherwise.
    pub(crate) async fn json(&mut self) -> Result<Result<Value, String>, Broken> {
        let body = self.all(JSON_LIMIT).await?;
        let parsed = serde_json::from_slice::<Value>(&body);
        if let Ok(value) = &parsed {
            let value = value.clone();
            self.record
                .update(self.number, |call| call.json = Some(value));
        }
        Ok(parsed.map_err(|error| error.to_string()))
    }
}
