mod connecting;
mod credentials;
mod harness;
mod transfers;
mod usage;

use std::sync::Arc;

use http::Request;
use wasmtime_wasi_http::Error;

use self::harness::*;
use super::*;

macro_rules! assert_refused {
    ($result:expr, $expected:pat) => {
        match $result {
            Err($expected) => {}
            Err(error) => panic!("{error:?}"),
            Ok(response) => panic!("{:?}", response.status()),
        }
    };
}
use assert_refused;

#[tokio::test]
async fn only_a_granted_origin_is_called() {
    let (granted, other) = (Server::start().await, Server::start().await);
    let mut hooks = hooks(vec![grant(&granted.origin(), AddressPolicy::Any)]);
    let response = get(&mut hooks, &granted.uri("/a")).await.unwrap();
    assert_eq!(text(response).await.unwrap(), "/a");

    let https = granted.uri("/").replace("http:", "https:");
    let port = granted.address.port();
    for uri in [other.uri("/"), https, format!("http://localhost:{port}/")] {
        assert_refused!(get(&mut hooks, &uri).await, Error::HttpRequestDenied);
    }
    let user = format!("http://u@127.0.0.1:{port}/");
    assert_refused!(get(&mut hooks, &user).await, Error::HttpRequestUriInvalid);
    for method in ["CONNECT", "TRACE"] {
        let request = Request::builder().method(method).uri(granted.uri("/"));
        let sent = send(&mut hooks, request.body(empty()).unwrap()).await;
        assert_refused!(sent, Error::HttpRequestMethodInvalid);
    }
    assert_eq!((granted.seen().len(), other.connections()), (1, 0));
}

#[tokio::test]
async fn a_redirect_goes_back_to_the_guest() {
    let server = Server::start().await;
    let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    let response = get(&mut hooks, &server.uri("/redirect")).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "/elsewhere");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_path_reaches_the_server_byte_for_byte() {
    let path = "/a%2Fb/%23%3F%25/./x/../%2e%2E//%C3%A4/~'!$&()*+,;=:@|?q=%20+%26&r=/../?#";
    let server = raw_server(b"HTTP/1.1 204 No Content\r\n\r\n", false).await;
    let origin = format!("http://{}", server.address);
    let mut hooks = hooks(vec![grant(&origin, AddressPolicy::Any)]);
    get(&mut hooks, &format!("{origin}{path}")).await.unwrap();
    drop(hooks);
    let head = server.task.await.unwrap();
    let line = head.lines().next().unwrap();
    // All but the fragment, which is not for servers.
    let path = path.trim_end_matches('#');
    assert_eq!(line, format!("GET {path} HTTP/1.1"));
}

#[tokio::test]
async fn a_request_says_who_sends_it_and_for_which_call() {
    let server = Server::start().await;
    let mut hooks = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    get(&mut hooks, &server.uri("/")).await.unwrap();
    let own = Request::get(server.uri("/"))
        .header("user-agent", "guest")
        .header("x-request-id", "other")
        .header("traceparent", "00-3-4-00");
    send(&mut hooks, own.body(empty()).unwrap()).await.unwrap();

    let seen = server.seen();
    let agent = concat!("tenon/", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent));
    assert_eq!(seen[0].header("x-request-id"), Some("req-1"));
    assert_eq!(seen[0].header("traceparent"), Some("00-1-2-01"));
    assert_eq!(
        seen[0].header("host"),
        Some(server.address.to_string()).as_deref()
    );
    // Nothing else is said for a guest that said nothing.
    assert_eq!(seen[0].headers.len(), 4);
    assert_eq!(seen[1].header("user-agent"), Some("guest"));
    assert_eq!(seen[1].header("x-request-id"), Some("other"));
    assert_eq!(seen[1].header("traceparent"), Some("00-3-4-00"));
}

#[tokio::test]
async fn limits_end_the_call_under_their_names() {
    let server = Server::start().await;
    let grants = || vec![grant(&server.origin(), AddressPolicy::Any)];

    let mut many = hooks(grants());
    many.limits.requests_max = 2;
    for _ in 0..2 {
        get(&mut many, &server.uri("/")).await.unwrap();
    }
    assert!(many.context.broken().is_none());
    assert_refused!(
        get(&mut many, &server.uri("/")).await,
        Error::ConnectionLimitReached
    );
    assert_eq!(many.context.broken().unwrap().name, "http_requests");
    assert!(many.context.cancelled.is_cancelled());

    let limits = Limits {
        open_max: 2,
        ..Limits::default()
    };
    let mut open = Hooks::new(context(), many.grants.clone(), many.usage.clone(), limits);
    let first = get(&mut open, &server.uri("/")).await.unwrap();
    let second = get(&mut open, &server.uri("/")).await.unwrap();
    drop(first);
    let third = get(&mut open, &server.uri("/")).await.unwrap();
    assert!(open.context.broken().is_none());
    assert_refused!(
        get(&mut open, &server.uri("/")).await,
        Error::ConnectionLimitReached
    );
    assert_eq!(open.context.broken().unwrap().name, "http_open");
    drop((second, third));
}

#[test]
fn forbids_headers_between_two_hops() {
    use wasmtime_wasi_http::WasiHttpHooks as _;
    let mut hooks = hooks(Vec::new());
    for name in ["host", "connection", "transfer-encoding", "te", "upgrade"] {
        assert!(hooks.is_forbidden_header(&name.parse().unwrap()), "{name}");
    }
    for name in ["authorization", "content-length", "depth", "destination"] {
        assert!(!hooks.is_forbidden_header(&name.parse().unwrap()), "{name}");
    }
}
