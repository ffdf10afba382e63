//! Requests as they stand on the wire.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{JSON, Rig, SESSION};

/// What a caller sees of the answer until the connection closes.
async fn raw(rig: &Rig, request: &str) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = rig.app();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).await.unwrap();
    server.abort();
    seen
}

fn request(line: &str, headers: &str, body: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: layer1-port-shelf\r\nUser-Agent: python-requests/2.31.0\r\n\
         Accept: */*\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn chunked(line: &str, headers: &str, body: &str) -> String {
    let (first, second) = body.split_at(10);
    let chunks = format!(
        "{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let headers = format!("{headers}Transfer-Encoding: chunked\r\n");
    request(line, &headers, &chunks)
}

fn sized(line: &str, headers: &str, body: &str) -> String {
    let headers = format!("{headers}Content-Length: {}\r\n", body.len());
    request(line, &headers, body)
}

/// Status line and body.
fn split(seen: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(seen).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

#[tokio::test]
async fn every_method_carries_a_json_body_however_it_is_framed() {
    let types = [
        "Content-Type: application/json\r\n",
        "Content-Type: application/json; charset=utf-8\r\n",
        "content-type: APPLICATION/JSON;charset=\"UTF-8\"\r\n",
    ];
    for media_type in types {
        for (line, status, expected) in [
            (
                "GET /metadata/project",
                200,
                r#"[{"metadata":{"state":"draft","title":"T"},"projectId":"7"}]"#,
            ),
            (
                "GET /metadata/project/7",
                200,
                r#"{"state":"draft","title":"T"}"#,
            ),
            ("GET /metadata/project/7/files", 200, "[]"),
            ("PATCH /metadata/project/7", 200, "{}"),
            ("PUT /metadata/project/7", 200, r#"{"DOI":"10.5072/7"}"#),
            ("DELETE /metadata/project/7/files", 200, "true"),
            ("DELETE /metadata/project/7", 204, ""),
        ] {
            for send in [chunked, sized] {
                let rig = Rig::with_project();
                let (head, body) = split(&raw(&rig, &send(line, media_type, SESSION)).await);
                assert!(
                    head.starts_with(&format!("http/1.1 {status}")),
                    "{line}: {head}"
                );
                assert_eq!(body, expected, "{line}");
                assert!(head.contains("access-control-allow-origin: *"), "{head}");
            }
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let rig = Rig::with_project();
    let line = "HEAD /metadata/project/7";
    let (head, body) = split(&raw(&rig, &request(line, "", "")).await);
    assert!(head.starts_with("http/1.1 400"), "{head}");
    assert_eq!(body, "");
    let media_type = "Content-Type: application/json\r\n";
    let (head, body) = split(&raw(&rig, &chunked(line, media_type, SESSION)).await);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert_eq!(body, "");
}

#[tokio::test]
async fn an_upload_is_answered_with_json() {
    let rig = Rig::with_project();
    let part = |disposition: &str, text: &str| {
        format!("--c5f1\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{text}\r\n")
    };
    let form = part("name=\"userId\"", "port-shelf://alice:TOK")
        + &part("name=\"filename\"", "a.txt")
        + &part("name=\"username\"", "alice")
        + &part("name=\"file\"; filename=\"a.txt\"", "the bytes")
        + "--c5f1--\r\n";
    let media_type = "Content-Type: multipart/form-data; boundary=c5f1\r\n";
    for send in [chunked, sized] {
        let sent = send("POST /metadata/project/7/files", media_type, &form);
        let (head, body) = split(&raw(&rig, &sent).await);
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(body.contains(r#""success":true"#), "{body}");
    }
    assert_eq!(rig.shelf.kept("7").len(), 2);
}

#[tokio::test]
async fn answers_are_compressed_on_request() {
    let rig = Rig::with_project();
    let title = "T".repeat(100);
    let metadata = format!(r#"{{"title": "{title}"}}"#);
    rig.shelf.contents().projects[0].metadata = metadata;
    let gzip = ("accept-encoding", "gzip, deflate");
    for target in [
        "GET /metadata/project",
        "GET /metadata/project/7",
        "GET /metadata/project/8",
        "POST /metadata/project/7/files",
        "PATCH /metadata/project/7/files/f0",
        "GET /metadata/openapi.json",
    ] {
        let answer = rig.send(target, &[JSON, gzip], SESSION).await;
        assert_eq!(answer.header("content-encoding"), "gzip", "{target}");
        assert!(answer.body.starts_with(&[0x1f, 0x8b]));
        let answer = rig.send(target, &[JSON], SESSION).await;
        assert_eq!(answer.header("content-encoding"), "", "{target}");
    }
}

#[tokio::test]
async fn old_protocols_get_no_file() {
    let rig = Rig::with_project();
    let sent = format!(
        "GET /metadata/project/7/files/f0 HTTP/1.0\r\nHost: layer1-port-shelf\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{SESSION}",
        SESSION.len()
    );
    let (head, _) = split(&raw(&rig, &sent).await);
    assert!(head.contains(" 505 "), "{head}");
}
