//! One request and its response, each step within its time.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Request, Response, request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::client::legacy::{self, ResponseFuture};
use tokio::sync::oneshot;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, WasiBody};

use super::body::Outgoing;
use super::client::Client;
use super::error::no_response;
use super::request::{Notation, Substitution};

/// How long the steps may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeouts {
    /// Until there is a connection.
    pub(super) connect: Duration,
    /// From the last byte of the request to the head of the response.
    pub(super) first_byte: Duration,
    /// Between two runs of bytes of the response.
    pub(super) between_bytes: Duration,
}

type Exchange = Result<Response<hyper::body::Incoming>, Error>;

/// Sends a request and waits for the head of its response.
pub(super) async fn exchange(
    client: &Client,
    parts: request::Parts,
    body: WasiBody,
    sent: oneshot::Receiver<()>,
    timeouts: Timeouts,
) -> Exchange {
    let mut request = Request::from_parts(parts, body);
    let mut connection = capture_connection(&mut request);
    let mut response = client.send(request);
    let connected = async { drop(connection.wait_for_connection_metadata().await) };
    tokio::select! {
        biased;
        head = &mut response => return head_of(head),
        connected = timeout(timeouts.connect, connected) => {
            connected.map_err(|_| Error::ConnectionTimeout)?;
        }
    }
    // No limit of its own: a large body takes as long as it moves.
    tokio::select! {
        biased;
        head = &mut response => return head_of(head),
        _ = sent => {}
    }
    first_byte(response, timeouts.first_byte).await
}

async fn first_byte(response: ResponseFuture, limit: Duration) -> Exchange {
    let head = timeout(limit, response).await;
    head_of(head.map_err(|_| Error::ConnectionReadTimeout)?)
}

fn head_of(head: Result<Response<hyper::body::Incoming>, legacy::Error>) -> Exchange {
    head.map_err(|error| no_response(&error))
}

/// Collects a small body and replaces the placeholders in it.
pub(super) async fn substituted(
    body: Outgoing,
    headers: &mut HeaderMap,
    substitution: &Substitution,
) -> Result<WasiBody, Error> {
    let bytes = body.collect().await?.to_bytes();
    let bytes = match substitution.text(&bytes, Notation::of_body(headers))? {
        Some(text) => Bytes::from(text),
        None => bytes,
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    Ok(Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync())
}
