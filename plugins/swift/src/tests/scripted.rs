//! A server that answers each request with what a test makes up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::*;

struct Scripted {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// `answer` gets the server's own origin and `METHOD /path`, and gives status, further header
    /// lines and body.
    fn start(answer: impl Fn(&str, &str) -> (u16, String, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (requests, own) = (Arc::new(Mutex::new(Vec::new())), origin.clone());
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read(&connection);
                let line = request.lines().next().unwrap_or_default();
                let line = line.trim_end_matches(" HTTP/1.1").to_owned();
                seen.lock().unwrap().push(request);
                let (status, headers, body) = answer(&own, &line);
                let length = body.len();
                let length = match headers.contains("content-length") {
                    true => String::new(),
                    false => format!("content-length: {length}\r\n"),
                };
                let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{length}");
                drop(write!(connection, "{head}{headers}\r\n{body}"));
            }
        });
        Self { origin, requests }
    }

    fn store(&self) -> Store {
        let url = format!("{}/auth/v1.0", self.origin);
        Store::new(connector(&url, KEY).config("containers", r#"["c"]"#))
    }

    fn lines(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let line = |request: &String| request.split(" HTTP").next().unwrap().to_owned();
        requests.iter().map(line).collect()
    }
}

/// Head and body.
fn read(connection: &TcpStream) -> String {
    let mut reader = BufReader::new(connection);
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") && reader.read_line(&mut text).unwrap() > 0 {}
    let lower = text.to_ascii_lowercase();
    let length = lower
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    reader.take(length).read_to_string(&mut text).unwrap();
    text
}

/// The answer to a login, with a token of this number.
fn token(origin: &str, number: usize, lifetime: &str) -> (u16, String, String) {
    let headers = format!(
        "x-auth-token: tok3n-{number}\r\nx-storage-url: {origin}/v1/AUTH_a\r\n\
         x-auth-token-expires: {lifetime}\r\n"
    );
    (200, headers, String::new())
}

/// A server at which one can log in, and which says this of everything else.
fn saying(status: u16, headers: &'static str, body: &'static str) -> Scripted {
    Scripted::start(move |origin, line| match line {
        "GET /auth/v1.0" => token(origin, 1, "3600"),
        _ => (status, headers.to_owned(), body.to_owned()),
    })
}

#[test]
fn a_system_that_asks_to_slow_down_or_is_down() {
    let after = Some(Duration::from_secs(7));
    for (status, headers, kind, expected) in [
        (429, "retry-after: 7\r\n", Kind::RateLimited, after),
        (498, "retry-after: 7\r\n", Kind::RateLimited, after),
        (498, "", Kind::RateLimited, None),
        (503, "retry-after: 7\r\n", Kind::Unavailable, after),
        (500, "", Kind::Unavailable, None),
        (507, "", Kind::Unavailable, None),
        (409, "", Kind::Conflict, None),
        (413, "", Kind::Invalid, None),
        (422, "", Kind::Invalid, None),
    ] {
        let store = saying(status, headers, "tok3n").store();
        for error in [
            store.read("a").unwrap_err(),
            store.stat("a").unwrap_err(),
            store.list("", true, 9).unwrap_err(),
            store.write("a", b"x").unwrap_err(),
            store.delete("a").unwrap_err(),
            store.run(Swift::check).unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{status}");
            assert_eq!(error.retry_after(), expected, "{status}");
        }
        // The same where one logs in.
        let login = Scripted::start(move |_, _| (status, headers.to_owned(), String::new()));
        let error = login.store().read("a").unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (kind, expected));
    }
}

#[test]
fn a_token_that_is_no_longer_taken_is_renewed_once() {
    let logins = AtomicUsize::new(0);
    let refused = AtomicUsize::new(0);
    let server = Scripted::start(move |origin, line| match line {
        "GET /auth/v1.0" => token(origin, logins.fetch_add(1, Ordering::Relaxed), "3600"),
        // The second request of all, and everything from the fourth on.
        _ => match refused.fetch_add(1, Ordering::Relaxed) {
            0 | 2 => (200, String::new(), "content".to_owned()),
            _ => (401, String::new(), "tok3n".to_owned()),
        },
    });
    let store = server.store();
    assert_eq!(store.read("a").unwrap(), b"content");
    assert_eq!(store.read("a").unwrap(), b"content");
    let (login, get) = ("GET /auth/v1.0", "GET /v1/AUTH_a/c/a");
    assert_eq!(server.lines(), [login, get, get, login, get]);
    assert_eq!(kind(store.read("a")), Kind::Unauthenticated);
    assert_eq!(server.lines()[5..], [get, login, get]);
    let requests = server.requests.lock().unwrap();
    assert!(requests[0].contains(KEY) && !requests[1].contains(KEY));
    assert!(requests[4].contains("tok3n-1"));
}

#[test]
fn a_token_is_not_used_to_its_last_second() {
    for (lifetime, logins) in [("3600", 1), ("61", 1), ("30", 2), ("soon", 1)] {
        let server = Scripted::start(move |origin, line| match line {
            "GET /auth/v1.0" => token(origin, 1, lifetime),
            _ => (200, String::new(), String::new()),
        });
        let store = server.store();
        store.read("a").unwrap();
        store.read("a").unwrap();
        let lines = server.lines();
        let made = lines.iter().filter(|line| *line == "GET /auth/v1.0");
        assert_eq!(made.count(), logins, "{lifetime}");
    }
}

#[test]
fn every_page_of_the_account_is_searched() {
    let server = Scripted::start(|origin, line| {
        let names = |range: std::ops::Range<u32>| {
            let rows: Vec<_> = range
                .map(|at| format!(r#"{{"name": "c{at:04}"}}"#))
                .collect();
            (200, String::new(), format!("[{}]", rows.join(",")))
        };
        match line {
            "GET /auth/v1.0" => token(origin, 1, "3600"),
            "GET /v1/AUTH_a?format=json&limit=1000" => names(0..1000),
            "GET /v1/AUTH_a?format=json&limit=1000&marker=c0999" => names(1000..1001),
            "GET /v1/AUTH_a/c1000/a" => (200, String::new(), "found".to_owned()),
            _ => (404, String::new(), String::new()),
        }
    });
    let url = format!("{}/auth/v1.0", server.origin);
    let store = Store::new(connector(&url, KEY));
    assert_eq!(store.read("a").unwrap(), b"found");
    assert_eq!(server.lines().len(), 1 + 2 + 1001);
}

#[test]
fn an_answer_that_is_not_swifts_is_no_empty_one() {
    let cut = saying(200, "content-length: 9\r\n", "half").store();
    let mut collected = Collected::default();
    let read = cut.run(|swift| swift.read(&Path::new("a")?, 0, Sink::to(&mut collected)));
    assert_eq!(kind(read), Kind::Unavailable);
    assert!(collected.head.is_some());
    assert_eq!(kind(cut.list("", true, 9)), Kind::Unavailable);
    for body in ["<html>tok3n</html>", "{}", r#"[{"bytes": 1}]"#] {
        let store = saying(200, "", body).store();
        assert_eq!(kind(store.list("", true, 9)), Kind::Unavailable, "{body}");
    }
    // Old ones say so that nothing is there.
    assert_eq!(
        saying(204, "", "").store().list("", true, 9).unwrap(),
        [""; 0]
    );
    // One logs in at a web site.
    let site = Scripted::start(|_, _| (200, String::new(), "welcome".to_owned()));
    assert_eq!(kind(site.store().read("a")), Kind::Unavailable);
}

#[test]
fn neither_key_nor_token_follow_to_another_origin() {
    let other = Scripted::start(|_, _| (200, String::new(), String::new()));
    let away = format!("location: {}/x\r\n", other.origin);
    let login_away = away.clone();
    let login = Scripted::start(move |_, _| (307, login_away.clone(), String::new()));
    assert_eq!(kind(login.store().read("a")), Kind::Unavailable);
    let swift = Scripted::start(move |origin, line| match line {
        "GET /auth/v1.0" => token(origin, 1, "3600"),
        _ => (307, away.clone(), String::new()),
    });
    swift.store().read("a").unwrap();
    let seen = other.requests.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter().all(|request| !request.contains("tok3n")),
        "{seen:?}"
    );
}
