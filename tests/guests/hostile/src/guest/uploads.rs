//! A caller's bytes, and requests that carry them on.

use super::bindings::wasi::clocks::monotonic_clock;
use super::bindings::wasi::http::outgoing_handler::handle;
use super::bindings::wasi::http::types::{FutureIncomingResponse, Method, OutgoingBody};
use super::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use super::{Result, handles, network, transfer, unavailable};

type Deed = (
    &'static str,
    fn(&str, Option<u64>, &InputStream) -> Result<u64>,
);

pub(super) const DEEDS: &[Deed] = &[
    ("take", |_, _, content| each(content, |_| Ok(()))),
    ("ignore", |_, _, _| Ok(0)),
    ("put", put),
    ("put-half-then-trap", put_half_then_trap),
    ("put-half-then-wait", put_half_then_wait),
    ("put-and-drop", put_and_drop),
    ("put-and-leak", put_and_leak),
    ("put-too-few", |url, size, content| {
        put_in_time(url, size.map(|size| size + 1), content)
    }),
    ("put-too-many", |url, size, content| {
        put_in_time(url, size.map(|size| size - 1), content)
    }),
];

/// Hands on run after run of the caller's bytes and counts them.
fn each(content: &InputStream, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<u64> {
    let mut taken = 0;
    loop {
        match content.blocking_read(64 * 1024) {
            Ok(bytes) => {
                take(&bytes)?;
                taken += bytes.len() as u64;
            }
            Err(StreamError::Closed) => return Ok(taken),
            Err(error) => return Err(unavailable(format!("{error:?}"))),
        }
    }
}

/// A request under way, with what its body is written to.
struct Put {
    /// Before the body, whose child it is.
    stream: OutputStream,
    body: OutgoingBody,
    response: FutureIncomingResponse,
}

/// With a size under `Content-Length`, without one in chunks.
fn begin(url: &str, size: Option<u64>) -> Result<Put> {
    let length = size.map(|size| size.to_string());
    let headers: Vec<_> = length
        .iter()
        .map(|length| ("content-length", &**length))
        .collect();
    let request = network::request(&Method::Put, url, &headers)?;
    let taken = |()| unavailable("the body was taken twice");
    let body = request.body().map_err(taken)?;
    let stream = body.write().map_err(taken)?;
    let response = handle(request, None).map_err(network::refused)?;
    Ok(Put {
        response,
        body,
        stream,
    })
}

fn put(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    send(begin(url, size)?, content)
}

/// Lets the server see the request before it goes wrong.
fn put_in_time(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    let put = begin(url, size)?;
    let_arrive();
    send(put, content)
}

fn let_arrive() {
    monotonic_clock::subscribe_duration(300_000_000).block();
}

fn send(put: Put, content: &InputStream) -> Result<u64> {
    let taken = each(content, |bytes| transfer::write(&put.stream, bytes))?;
    drop(put.stream);
    OutgoingBody::finish(put.body, None).map_err(network::refused)?;
    network::wait(&put.response)?;
    Ok(taken)
}

/// Sends the first run of bytes only.
fn half(url: &str, size: Option<u64>, content: &InputStream) -> Result<Put> {
    let put = begin(url, size)?;
    let first = content.blocking_read(64 * 1024);
    let first = first.map_err(|error| unavailable(format!("{error:?}")))?;
    transfer::write(&put.stream, &first)?;
    let_arrive();
    Ok(put)
}

fn put_half_then_trap(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    let _put = half(url, size, content)?;
    core::arch::wasm32::unreachable()
}

fn put_half_then_wait(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    let _put = half(url, size, content)?;
    handles::wait_for_ever()
}

/// Drops the body instead of finishing it, which breaks the request off.
fn put_and_drop(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    let put = half(url, size, content)?;
    drop(put.stream);
    drop(put.body);
    Ok(0)
}

/// Returns as if all were well, with the request still open.
fn put_and_leak(url: &str, size: Option<u64>, content: &InputStream) -> Result<u64> {
    let put = half(url, size, content)?;
    std::mem::forget(put);
    Ok(0)
}
