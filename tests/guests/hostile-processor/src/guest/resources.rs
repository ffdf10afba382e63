//! HTTP resources that do as their path says.

use super::Hostile;
use super::bindings::exports::tenon::connector::resources;
use super::bindings::exports::wasi::http::incoming_handler;
use super::bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use super::bindings::wasi::io::streams::{OutputStream, StreamError};
use super::{configured, exits};

impl resources::Guest for Hostile {
    fn routes() -> Vec<resources::Route> {
        let route = |path: &str| resources::Route {
            function: path.trim_start_matches('/').to_owned(),
            path: path.to_owned(),
            methods: vec!["GET".to_owned()],
        };
        match configured().0.as_str() {
            "routes-trap" => core::arch::wasm32::unreachable(),
            "routes-many" => vec![route("/many"); 300_000],
            _ => vec![route("/fine")],
        }
    }
}

impl incoming_handler::Guest for Hostile {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        match path.trim_start_matches('/') {
            "fine" => body(out, |stream| write(stream, b"fine")),
            "trap" => core::arch::wasm32::unreachable(),
            "spin" => exits::spin(),
            "wait" => exits::wait(),
            "silent" => drop(out),
            "return" => std::mem::forget(out),
            "error" => ResponseOutparam::set(out, Err(ErrorCode::InternalError(None))),
            "grow" => body(out, |stream| {
                half(stream);
                loop {
                    std::hint::black_box(vec![1_u8; 1 << 20].leak());
                }
            }),
            "half-then-trap" => body(out, |stream| {
                half(stream);
                core::arch::wasm32::unreachable()
            }),
            "half-then-spin" => body(out, |stream| {
                half(stream);
                exits::spin()
            }),
            "half-then-wait" => body(out, |stream| {
                half(stream);
                exits::wait();
                Ok(())
            }),
            "half-then-leave" => half_then_leave(out),
            "endless" => body(out, |stream| {
                loop {
                    write(stream, &[b'x'; 4096])?;
                }
            }),
            "slow-endless" => body(out, |stream| {
                loop {
                    write(stream, &[b'x'; 64])?;
                    exits::pause();
                }
            }),
            "huge-trailer" => huge_trailer(out),
            "too-few" => sized(out, "8", b"half"),
            "too-many" => sized(out, "2", b"half"),
            "huge-header" => headers(out, &[("x-huge", &"x".repeat(8 << 20))]),
            "many-headers" => headers(out, &vec![("x-many", "x"); 60_000]),
            "split-header" => split_header(out),
            "own-framing" => own_framing(out),
            "odd-status" => status(out, 99),
            "interim" => status(out, 103),
            _ => status(out, 404),
        }
    }
}

fn respond(out: ResponseOutparam, response: OutgoingResponse) -> OutgoingBody {
    let body = response.body().expect("the first time");
    ResponseOutparam::set(out, Ok(response));
    body
}

fn body(out: ResponseOutparam, fill: impl FnOnce(&OutputStream) -> Result<(), StreamError>) {
    let body = respond(out, OutgoingResponse::new(Fields::new()));
    let stream = body.write().expect("the first time");
    _ = fill(&stream);
    drop(stream);
    _ = OutgoingBody::finish(body, None);
}

/// Returns as if all was well, with the body neither finished nor dropped.
fn half_then_leave(out: ResponseOutparam) {
    let body = respond(out, OutgoingResponse::new(Fields::new()));
    let stream = body.write().expect("the first time");
    half(&stream);
    std::mem::forget(stream);
    std::mem::forget(body);
}

/// So much that the host has passed it on, and the head with it.
fn half(stream: &OutputStream) {
    _ = write(stream, b"half");
    exits::pause();
}

fn write(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = stream.check_write()?;
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(bytes.len().min(room as usize));
        stream.write(now)?;
        bytes = later;
    }
    stream.blocking_flush()
}

/// Announces another length than it sends.
fn sized(out: ResponseOutparam, length: &str, bytes: &[u8]) {
    let fields = Fields::new();
    _ = fields.append("content-length", length.as_bytes());
    let body = respond(out, OutgoingResponse::new(fields));
    let stream = body.write().expect("the first time");
    _ = write(&stream, bytes);
    drop(stream);
    _ = OutgoingBody::finish(body, None);
}

fn headers(out: ResponseOutparam, headers: &[(&str, &str)]) {
    let fields = Fields::new();
    for (name, value) in headers {
        fields.append(name, value.as_bytes()).expect("room for it");
    }
    let body = respond(out, OutgoingResponse::new(fields));
    _ = OutgoingBody::finish(body, None);
}

fn huge_trailer(out: ResponseOutparam) {
    let fields = Fields::new();
    let huge = vec![b'x'; 8 << 20];
    fields.append("x-huge", &huge).expect("room for it");
    let body = respond(out, OutgoingResponse::new(Fields::new()));
    _ = OutgoingBody::finish(body, Some(fields));
}

/// A header that would be two, were it taken as it is.
fn split_header(out: ResponseOutparam) {
    let fields = Fields::new();
    let taken = fields.append("x-split", b"a\r\nset-cookie: b=c");
    let response = OutgoingResponse::new(fields);
    _ = response.set_status_code(if taken.is_ok() { 200 } else { 418 });
    let body = respond(out, response);
    _ = OutgoingBody::finish(body, None);
}

/// Another framing of the body than the host's.
fn own_framing(out: ResponseOutparam) {
    let fields = Fields::new();
    _ = fields.append("transfer-encoding", b"chunked");
    let body = respond(out, OutgoingResponse::new(fields));
    _ = OutgoingBody::finish(body, None);
}

fn status(out: ResponseOutparam, status: u16) {
    let response = OutgoingResponse::new(Fields::new());
    let taken = response.set_status_code(status);
    // What the host does not take is told by another one.
    if taken.is_err() {
        _ = response.set_status_code(418);
    }
    let body = respond(out, response);
    _ = OutgoingBody::finish(body, None);
}
