//! Bodies end where they should, and the guest learns why when they do not.

use bytes::Bytes;
use futures::StreamExt as _;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::sync::mpsc;
use wasmtime_wasi_http::{RequestOptions, WasiBody, WasiHttpHooks as _};

use super::*;

/// A body that ends when the sender is dropped, as a guest's does.
fn channel() -> (mpsc::Sender<&'static str>, WasiBody) {
    let (sender, receiver) = mpsc::channel(1);
    let parts = futures::stream::unfold(receiver, |mut receiver| async {
        let part: &str = receiver.recv().await?;
        Some((Ok(Frame::data(Bytes::from(part))), receiver))
    });
    (sender, StreamBody::new(parts.boxed()).boxed_unsync())
}

/// Uploads half a file, then drops its end of the body.
async fn upload(server: &Server, aborted: bool) -> Option<Bytes> {
    let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    let context = hooks.context.clone();
    let (sender, body) = channel();
    let request = Request::put(server.uri("/file")).body(body).unwrap();
    let sending = tokio::spawn(async move { send(&mut hooks, request).await });
    sender.send("half").await.unwrap();
    // On its way before the sandbox vanishes.
    tokio::time::sleep(Duration::from_millis(50)).await;
    if aborted {
        context.abort();
    }
    drop(sender);
    _ = sending.await.unwrap();
    server.wait_for(1).await.remove(0).body
}

#[tokio::test]
async fn a_sandbox_that_vanishes_breaks_its_upload() {
    let finished = upload(&Server::start().await, false).await;
    assert_eq!(finished.as_deref(), Some(&b"half"[..]));
    assert_eq!(upload(&Server::start().await, true).await, None);
}

#[tokio::test]
async fn an_upload_of_another_length_than_announced_fails() {
    let server = Server::start().await;
    for (length, sent) in [(5, vec!["four"]), (5, vec!["four", "four"])] {
        let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
        let request = Request::put(server.uri("/file")).header("content-length", length);
        let sent = send(&mut hooks, request.body(parts(sent)).unwrap()).await;
        assert_refused!(sent, Error::HttpRequestBodySize(None));
    }
    assert!(server.seen().iter().all(|seen| seen.body.is_none()));
}

async fn fetch(response: &'static [u8], hang_up: bool) -> Result<String, Error> {
    let server = raw_server(response, hang_up).await;
    let origin = format!("http://{}", server.address);
    let mut hooks = hooks(vec![grant(&origin, AddressPolicy::Any)]);
    hooks.limits.first_byte_timeout = Duration::from_millis(100);
    hooks.limits.between_bytes_timeout = Duration::from_millis(100);
    text(get(&mut hooks, &origin).await?).await
}

macro_rules! assert_fetched {
    ($response:literal, $hang_up:expr, $expected:pat) => {
        let fetched = fetch($response, $hang_up).await;
        assert!(matches!(fetched, $expected), "{fetched:?}");
    };
}

#[tokio::test]
async fn every_way_to_break_off_has_its_code() {
    let complete = fetch(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour", false).await;
    assert_eq!(complete.unwrap(), "four");
    assert_fetched!(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour",
        true,
        Err(Error::HttpResponseIncomplete)
    );
    assert_fetched!(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n",
        true,
        Err(Error::HttpResponseIncomplete)
    );
    assert_fetched!(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nfour\r\n",
        false,
        Err(Error::HttpProtocolError)
    );
    assert_fetched!(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour",
        false,
        Err(Error::ConnectionReadTimeout)
    );
    assert_fetched!(b"", false, Err(Error::ConnectionReadTimeout));
    assert_fetched!(b"", true, Err(Error::ConnectionTerminated));
    assert_fetched!(b"HTTP/1.1 200 O", true, Err(Error::ConnectionTerminated));
    assert_fetched!(b"SSH-2.0-x\r\n\r\n", false, Err(Error::HttpProtocolError));
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_apart() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let mut hooks = hooks(vec![
        grant(&refused, AddressPolicy::Any),
        grant("http://no-such-host.invalid", AddressPolicy::Any),
    ]);
    assert_refused!(get(&mut hooks, &refused).await, Error::ConnectionRefused);
    let unknown = get(&mut hooks, "http://no-such-host.invalid/").await;
    assert_refused!(unknown, Error::DnsError { .. });
}

#[tokio::test]
async fn plain_text_is_not_tls() {
    let server = Server::start().await;
    let origin = server.origin().replace("http:", "https:");
    let mut hooks = hooks(vec![grant(&origin, AddressPolicy::Any)]);
    let sent = get(&mut hooks, &origin).await;
    assert_refused!(sent, Error::TlsProtocolError);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    let sent = get(&mut hooks, &server.uri("/large-head")).await;
    assert_refused!(sent, Error::HttpResponseHeaderSectionSize(Some(_)));
}

#[tokio::test]
async fn a_guest_may_wait_for_less_but_not_for_longer() {
    let ask = |asked_ms: u64, cap_ms: u64| async move {
        let server = raw_server(b"", false).await;
        let origin = format!("http://{}", server.address);
        let mut hooks = hooks(vec![grant(&origin, AddressPolicy::Any)]);
        hooks.limits.first_byte_timeout = Duration::from_millis(cap_ms);
        let options = RequestOptions {
            first_byte_timeout: Some(Duration::from_millis(asked_ms)),
            ..RequestOptions::default()
        };
        let request = Request::get(&origin).body(empty()).unwrap();
        let pending = hooks.send_request(request, Some(options), Box::new(async { Ok(()) }));
        let within = tokio::time::timeout(Duration::from_secs(3), std::pin::Pin::from(pending));
        within.await.unwrap().map(|(response, _)| response)
    };
    assert_refused!(ask(50, 60_000).await, Error::ConnectionReadTimeout);
    assert_refused!(ask(60_000, 50).await, Error::ConnectionReadTimeout);
}

#[tokio::test]
async fn an_upload_may_take_longer_than_the_wait_for_its_answer() {
    let server = Server::start().await;
    let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    hooks.limits.first_byte_timeout = Duration::from_millis(100);
    let (sender, body) = channel();
    let request = Request::put(server.uri("/file")).body(body).unwrap();
    let sending = tokio::spawn(async move { send(&mut hooks, request).await });
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sender.send("part").await.unwrap();
    }
    drop(sender);
    assert_eq!(sending.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_dropped_request_is_cancelled() {
    let server = raw_server(b"", false).await;
    let origin = format!("http://{}", server.address);
    let mut hooks = hooks(vec![grant(&origin, AddressPolicy::Any)]);
    let sending = get(&mut hooks, &origin);
    let dropped = tokio::time::timeout(Duration::from_millis(100), sending).await;
    assert!(dropped.is_err());
    // The server's task ends with the connection; the pool is still there.
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
}
