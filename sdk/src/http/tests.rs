//! Over real sockets, against servers that answer what they are told to.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use super::*;
use crate::{Kind, native::Environment};

/// A server with one answer for every path, and the requests that reached it.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read_request(&mut connection);
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(request);
                drop(connection.write_all(answer(&path).as_bytes()));
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The head and as much of the body as its `Content-Length` says.
fn read_request(connection: &mut impl Read) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && connection.read(&mut byte).unwrap() > 0 {
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap();
    let length = head.to_ascii_lowercase();
    let length = length
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn with_token<T>(f: impl FnOnce() -> T) -> T {
    Environment::builder()
        .credential("caller", "TOKEN", "Bearer {caller}")
        .build()
        .enter(f)
}

fn has_token(request: &str) -> bool {
    request
        .to_ascii_lowercase()
        .contains("authorization: bearer token")
}

#[test]
fn the_credential_is_put_in_on_the_way_and_never_seen() {
    let server = Server::start(|_| answer(200, "x-y: z\r\n", "body"));
    let response = with_token(|| {
        assert!(
            !crate::secret::placeholder("caller")
                .unwrap()
                .contains("TOKEN")
        );
        Request::get(format!("{}/a?b", server.url))
            .credential("caller")
            .send()
            .unwrap()
    });
    assert_eq!(
        (response.status(), response.header("x-y").as_deref()),
        (200, Some("z"))
    );
    assert_eq!(
        response.into_body().unwrap().read_all(100).unwrap(),
        b"body"
    );
    let requests = server.requests();
    assert!(
        requests[0].starts_with("GET /a?b HTTP/1.1\r\n") && has_token(&requests[0]),
        "{requests:?}"
    );
}

#[test]
fn a_body_may_hold_a_credential() {
    let server = Server::start(|_| answer(200, "", ""));
    with_token(|| {
        let placeholder = crate::secret::placeholder("caller").unwrap();
        let body = format!("{{\"password\": \"{placeholder}\"}}");
        Request::post(&server.url).body(body).send().unwrap();
        // Beyond this size, as in the host, nothing is replaced.
        let body = placeholder + &"x".repeat(64 * 1024);
        Request::post(&server.url).body(body).send().unwrap();
    });
    let requests = server.requests();
    assert!(requests[0].ends_with("{\"password\": \"Bearer TOKEN\"}"));
    assert!(!requests[1].contains("TOKEN"));
}

#[test]
fn a_missing_credential_is_told_before_anything_is_sent() {
    let server = Server::start(|_| answer(200, "", ""));
    let error = Request::get(&server.url)
        .credential("caller")
        .send()
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert!(server.requests().is_empty());
}

#[test]
fn a_body_has_a_length() {
    let server = Server::start(|_| answer(201, "", ""));
    let content = "content";
    Request::post(&server.url).body(content).send().unwrap();
    Request::put(&server.url)
        .send_stream(&mut Reader::from_bytes(content))
        .unwrap();
    Request::put(&server.url).send().unwrap();
    for (request, (length, body)) in
        server
            .requests()
            .iter()
            .zip([(7, content), (7, content), (0, "")])
    {
        let (head, sent) = request.split_once("\r\n\r\n").unwrap();
        assert!(
            head.to_ascii_lowercase()
                .contains(&format!("content-length: {length}")),
            "{request}"
        );
        assert_eq!(sent, body);
    }
}

#[test]
fn redirects_keep_the_credential_on_the_same_origin_only() {
    let other = Server::start(|_| answer(200, "", "there"));
    let away = other.url.clone();
    let server = Server::start(move |path| match path {
        "/near" => answer(302, "location: /far\r\n", ""),
        _ => answer(307, &format!("location: {away}/end\r\n"), ""),
    });
    let response = with_token(|| {
        Request::new("PROPFIND", format!("{}/near", server.url))
            .credential("caller")
            .header("depth", "1")
            .header("x-auth-token", "secret")
            .send()
            .unwrap()
    });
    assert_eq!(
        response.into_body().unwrap().read_all(100).unwrap(),
        b"there"
    );
    let near = server.requests();
    assert_eq!(near.len(), 2);
    assert!(near.iter().all(|request| has_token(request)));
    let far = other.requests();
    assert!(
        far[0].starts_with("PROPFIND /end ") && far[0].to_ascii_lowercase().contains("depth: 1")
    );
    let far = far[0].to_ascii_lowercase();
    assert!(
        !far.contains("authorization") && !far.contains("x-auth-token"),
        "{far}"
    );
}

#[test]
fn only_safe_methods_follow_and_not_for_ever() {
    let server = Server::start(|_| answer(302, "location: /again\r\n", ""));
    assert_eq!(
        Request::put(&server.url).body("x").send().unwrap().status(),
        302
    );
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        Request::get(&server.url).send().unwrap_err().kind(),
        Kind::Unavailable
    );
    assert_eq!(server.requests().len(), 7);
}

#[test]
fn statuses_have_their_meaning() {
    let server = Server::start(|path| {
        answer(
            path.trim_matches('/').parse().unwrap(),
            "retry-after: 7\r\n",
            "",
        )
    });
    for (status, kind) in [
        (400, Kind::Invalid),
        (401, Kind::Unauthenticated),
        (403, Kind::Denied),
        (404, Kind::NotFound),
        (405, Kind::Unsupported),
        (408, Kind::Unavailable),
        (409, Kind::Conflict),
        (416, Kind::Invalid),
        (423, Kind::Conflict),
        (429, Kind::RateLimited),
        (500, Kind::Unavailable),
        (501, Kind::Unsupported),
        (503, Kind::Unavailable),
        (507, Kind::Unavailable),
    ] {
        let response = Request::get(format!("{}/{status}", server.url))
            .send()
            .unwrap();
        let error = response.ok("a.txt").unwrap_err();
        assert_eq!(
            (error.kind(), error.subject()),
            (kind, Some("a.txt")),
            "{status}"
        );
        let seconds = error.retry_after().map(|delay| delay.as_secs());
        assert_eq!(
            seconds,
            matches!(kind, Kind::RateLimited | Kind::Unavailable).then_some(7),
            "{status}"
        );
    }
}

#[test]
fn the_answer_to_a_head_has_a_length_but_no_body() {
    let server = Server::start(|_| {
        "HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n".to_owned()
    });
    let response = Request::head(&server.url).send().unwrap();
    assert_eq!(response.content_length(), Some(9));
    assert_eq!(response.into_body().unwrap().read_all(100).unwrap(), b"");
}

#[test]
fn the_body_of_a_refusal_can_be_read() {
    let server = Server::start(|path| match path {
        "/fine" => answer(204, "", ""),
        _ => answer(400, "", "what is wrong"),
    });
    let send = |path: &str| {
        Request::get(format!("{}{path}", server.url))
            .send()
            .unwrap()
    };
    assert_eq!(send("/fine").failure("a"), None);
    let response = send("/wrong");
    let error = response.failure("a").unwrap();
    assert_eq!((error.kind(), error.subject()), (Kind::Invalid, Some("a")));
    assert_eq!(
        response.into_body().unwrap().read_all(100).unwrap(),
        b"what is wrong"
    );
}
