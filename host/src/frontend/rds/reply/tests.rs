use axum::Router;
use axum::routing::get;
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{broken, disposition};
use crate::frontend::rds::problem::Refusal;

/// What a client sees on the wire until the server closes the connection.
async fn raw(path: &str, app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    // A reset after the text still leaves the text.
    _ = stream.read_to_end(&mut seen).await;
    server.abort();
    String::from_utf8(seen).unwrap()
}

fn app() -> Router {
    Router::new()
        .route(
            "/broken",
            get(|| async { broken(&Refusal::new(StatusCode::NOT_FOUND, "no `a.txt`")) }),
        )
        .route("/whole", get(|| async { Refusal::path_unknown() }))
}

#[tokio::test]
async fn a_broken_refusal_is_seen_and_never_ends() {
    // Often enough to meet the connection in every order of its work.
    for _ in 0..50 {
        let seen = raw("/broken", app()).await;
        assert!(seen.starts_with("HTTP/1.1 404 Not Found\r\n"), "{seen}");
        assert!(seen.contains("transfer-encoding: chunked"), "{seen}");
        assert!(!seen.contains("content-length"), "{seen}");
        assert!(
            seen.contains("\"description\":\"404 Not Found: no `a.txt`\""),
            "{seen}"
        );
        assert!(!seen.contains("\r\n0\r\n"), "{seen}");
    }
}

#[tokio::test]
async fn other_refusals_end() {
    let seen = raw("/whole", app()).await;
    assert!(seen.contains("content-length: "), "{seen}");
    assert!(seen.ends_with('}'), "{seen}");
}

#[test]
fn a_file_keeps_its_name() {
    for (path, expected) in [
        ("a.txt", "inline; filename=a.txt"),
        ("Docs/sub/a.txt", "inline; filename=a.txt"),
        ("b c.txt", "inline; filename=\"b c.txt\""),
        ("50%.txt", "inline; filename=50%.txt"),
        ("so \"it\\is", "inline; filename=\"so \\\"it\\\\is\""),
        (
            "naïve €.txt",
            "inline; filename=\"na_ve _.txt\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt",
        ),
        (
            "a\r\nb",
            "inline; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab",
        ),
        ("", "inline; filename=\"\""),
    ] {
        assert_eq!(disposition(path), expected);
    }
}
