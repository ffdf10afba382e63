//! What holds for every request: its body, its path, its method, and the
//! headers around it.

use http_body_util::BodyExt as _;
use serde_json::json;
use tenon_tests::client::{self, Caller};
use tenon_tests::host::Host;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{assert_envelope, assert_problem, host_with_files};

const JSON_OPERATIONS: [(&str, &str); 4] = [
    ("GET", "/storage/file"),
    ("DELETE", "/storage/file"),
    ("PATCH", "/storage/file"),
    ("GET", "/storage/folder"),
];

async fn start() -> (Host, Caller) {
    let host = host_with_files(&[("a.txt", "hello")]).await;
    let caller = host.caller("port-disk", "alice");
    (host, caller)
}

async fn send(caller: &Caller, target: (&str, &str), kind: &str, body: &str) -> client::Answer {
    let caller = match kind {
        "" => caller.clone(),
        kind => caller.clone().with("content-type", kind),
    };
    let request = caller.request(target.0, target.1, body);
    client::send(caller.address, request).await
}

#[tokio::test]
async fn a_body_must_fit() {
    let (_host, caller) = start().await;
    for target in JSON_OPERATIONS {
        let answer = send(&caller, target, "", "").await;
        assert_problem(&answer, 400, Some("None is not of type 'object'"));
        for (body, detail) in [
            ("{bad", "Request body is not valid JSON"),
            ("[1]", "[1] is not of type 'object'"),
            (
                r#"{"filepath": "a", "userId": 5}"#,
                "5 is not of type 'string' - 'userId'",
            ),
            (
                r#"{"filepath": null}"#,
                "None is not of type 'string' - 'filepath'",
            ),
            (
                r#"{"filepath": 5}"#,
                "5 is not of type 'string' - 'filepath'",
            ),
        ] {
            let answer = send(&caller, target, "application/json", body).await;
            assert_problem(&answer, 400, Some(detail));
            assert!(answer.whole);
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded"] {
            let answer = send(&caller, target, kind, "{}").await;
            assert_problem(&answer, 415, None);
        }
        // Only a folder may go without.
        if target.1 == "/storage/file" {
            let answer = send(&caller, target, "application/json", "{}").await;
            assert_problem(&answer, 400, Some("'filepath' is a required property"));
        }
    }
}

#[tokio::test]
async fn a_body_may_hold_more_and_say_its_charset() {
    let (_host, caller) = start().await;
    let body = r#"{"filepath": "a.txt", "userId": "alice", "apiKey": [1]}"#;
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        let answer = send(&caller, ("GET", "/storage/file?x=1"), kind, body).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
    }
}

#[tokio::test]
async fn a_body_of_a_get_may_come_in_chunks() {
    let (_host, caller) = start().await;
    let mut stream = TcpStream::connect(caller.address).await.unwrap();
    let head = "GET /storage/file HTTP/1.1\r\nHost: layer1-port-disk\r\nConnection: close\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in [r#"{"filepath": "#, r#""/a.txt"}"#, ""] {
        let chunk = format!("{:x}\r\n{part}\r\n", part.len());
        stream.write_all(chunk.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut seen = String::new();
    stream.read_to_string(&mut seen).await.unwrap();
    assert!(seen.starts_with("HTTP/1.1 200 OK\r\n"), "{seen}");
    assert!(seen.contains("transfer-encoding: chunked\r\n"), "{seen}");
    assert!(!seen.contains("content-length"), "{seen}");
    assert!(seen.ends_with("\r\n5\r\nhello\r\n0\r\n\r\n"), "{seen}");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let (_host, caller) = start().await;
    for path in [
        "/",
        "/storage",
        "/storage/file/",
        "/storage/folder/",
        "/project",
        "/metadata/project/",
    ] {
        assert_envelope(&caller.get(path).await, 404, "NotFound");
    }
    for target in [
        ("PUT", "/storage/file"),
        ("POST", "/storage/folder"),
        ("DELETE", "/storage/folder"),
    ] {
        let answer = send(&caller, target, "application/json", "{}").await;
        assert_envelope(&answer, 405, "MethodNotAllowed");
        assert!(
            answer.header("allow").contains("GET"),
            "{:?}",
            answer.headers
        );
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let (_host, caller) = start().await;
    for (path, filepath) in [("/storage/file", "a.txt"), ("/storage/folder", "/")] {
        let head = caller.operate("HEAD", path, filepath).await;
        assert_eq!((head.status, head.text().as_str()), (200, ""));
        let get = caller.operate("GET", path, filepath).await;
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
    let answer = send(&caller, ("HEAD", "/storage/file"), "", "").await;
    assert_eq!((answer.status, answer.text().as_str()), (400, ""));
    assert_eq!(
        caller.operate("HEAD", "/storage/file", "none").await.status,
        404
    );
}

#[tokio::test]
async fn descriptions_may_be_compressed_and_files_are_not() {
    let (_host, caller) = start().await;
    let gzip = caller.clone().with("accept-encoding", "gzip");
    for path in ["/storage/openapi.json", "/metrics"] {
        let plain = caller.get(path).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""));
        let compressed = gzip.get(path).await;
        assert_eq!(compressed.header("content-encoding"), "gzip");
        // RFC 1952.
        assert_eq!(compressed.body[..2], [0x1f, 0x8b]);
    }
    for answer in [gzip.file("a.txt").await, gzip.folder("/").await] {
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, "")
        );
    }
    let openapi = caller.get("/storage/openapi.json").await.json();
    for (path, method) in [
        ("/file", "get"),
        ("/file", "post"),
        ("/file", "patch"),
        ("/file", "delete"),
        ("/folder", "get"),
    ] {
        assert!(
            openapi["paths"][path][method].is_object(),
            "{method} {path} in {openapi}"
        );
    }
}

#[tokio::test]
async fn any_origin_may_call() {
    let (_host, caller) = start().await;
    assert_eq!(
        caller
            .file("a.txt")
            .await
            .header("access-control-allow-origin"),
        "*"
    );
    let origin = caller.clone().with("origin", "https://rds.example");
    for answer in [
        origin.file("a.txt").await,
        origin.file("none").await,
        origin.get("/none").await,
    ] {
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://rds.example"
        );
    }
    let preflight = origin.with("access-control-request-method", "DELETE");
    let answer = send(&preflight, ("OPTIONS", "/storage/file"), "", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-methods"), "DELETE");
}

#[tokio::test]
async fn probes_need_no_body() {
    let (host, caller) = start().await;
    host.ready("port-disk").await;
    for path in ["/metrics", "/health/live", "/health/ready"] {
        assert_eq!(caller.get(path).await.status, 200, "{path}");
        assert_eq!(host.admin(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let (_host, caller) = start().await;
    let body = json!({ "filepath": "x".repeat(9 << 20), "userId": "alice" });
    let request = caller.json("GET", "/storage/file", &body);
    // The host may close the connection before all of it has gone out.
    if let Ok(response) = client::open(caller.address, request).await {
        assert_eq!(response.status(), 413);
        _ = response.into_body().collect().await;
    }
    assert_eq!(caller.file("a.txt").await.status, 200);
}

#[tokio::test]
async fn http_1_0_gets_no_file() {
    let (_host, caller) = start().await;
    let mut stream = TcpStream::connect(caller.address).await.unwrap();
    let request = "GET /storage/file HTTP/1.0\r\nHost: layer1-port-disk\r\n\
                   Content-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"filepath\": \"a.txt\"}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    stream.read_to_string(&mut seen).await.unwrap();
    assert!(seen.contains(" 505 "), "{seen}");
    assert!(!seen.contains("hello"), "{seen}");
}
