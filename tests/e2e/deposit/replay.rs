//! Requests byte for byte, as the contract's tables have them and no client
//! library of today would send them.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// Sends these bytes and reads until the host closes the connection.
async fn replay(host: &Host, request: &str) -> String {
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: layer1-port-zenodo\r\nUser-Agent: python-requests/2.25.1\r\n\
         Accept-Encoding: identity\r\nAccept: */*\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn sized(body: &str) -> String {
    format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    )
}

fn chunked(body: &str) -> String {
    let (first, second) = body.split_at(body.len() / 2);
    format!(
        "{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    )
}

fn assert_status(answer: &str, status: u16) {
    let line = format!("HTTP/1.1 {status} ");
    assert!(answer.starts_with(&line), "{status}: {answer}");
}

fn exporters_form() -> String {
    let session = format!("port-zenodo://alice:{TOKEN}");
    let form = [
        ("userId", session.as_str()),
        ("filename", "sub/a b.txt"),
        ("username", "alice"),
    ]
    .map(|(name, value)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    })
    .concat();
    format!(
        "{form}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sub/a b.txt\"\r\n\
         Content-Type: multipart/form-data\r\n\r\nhello\r\n--b--\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_requests_are_accepted() {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    let user = format!(r#"{{"userId":"port-zenodo://alice:{TOKEN}"}}"#);
    let created = replay(
        &host,
        &request("POST", "/metadata/project", &sized(&user), &user),
    )
    .await;
    assert_status(&created, 200);
    let id = zenodo_fake.deposits()[0].id;
    assert!(
        created.contains(&format!(r#""projectId":"{id}""#)),
        "{created}"
    );
    let project = format!("/metadata/project/{id}");

    // GET with a body in chunks, and a parameter of the media type.
    let chunks = "Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n";
    let listed = request("GET", "/metadata/project", chunks, &chunked(&user));
    let listed = replay(&host, &listed).await;
    assert_status(&listed, 200);
    assert!(
        listed.contains(&format!(r#""projectId":"{id}""#)),
        "{listed}"
    );

    // HEAD is a GET without a body; without arguments it is refused, silently.
    let head = replay(&host, &request("HEAD", "/metadata/project", "", "")).await;
    assert_status(&head, 400);
    assert!(head.ends_with("\r\n\r\n"), "{head}");

    // Null as the metadata service sends it, and a filter by key.
    for (metadata, told) in [
        ("null", true),
        (r#"{"prereserve_doi":""}"#, true),
        (r#"{"title":""}"#, false),
    ] {
        let body = user.replace('}', &format!(r#","metadata":{metadata}}}"#));
        let got = replay(&host, &request("GET", &project, &sized(&body), &body)).await;
        assert_status(&got, 200);
        assert_eq!(got.contains("prereserve_doi"), told, "{metadata}: {got}");
    }

    // Compressed where the caller can read it.
    let headers = format!("Accept-Encoding: gzip\r\n{}", sized(&user));
    let wanting = request("GET", "/metadata/project", &headers, &user);
    let wanting = wanting.replace("Accept-Encoding: identity\r\n", "");
    let compressed = replay(&host, &wanting).await;
    assert_status(&compressed, 200);
    let head = compressed
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .to_ascii_lowercase();
    assert!(head.contains("content-encoding: gzip"), "{head}");

    // The form of the exporter, which names parts as Python's library does.
    let form = exporters_form();
    let headers = format!(
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n",
        form.len()
    );
    let added = request("POST", &format!("{project}/files"), &headers, &form);
    let added = replay(&host, &added).await;
    assert_status(&added, 200);
    assert!(added.contains(r#""success":true"#), "{added}");

    let deleted = replay(&host, &request("DELETE", &project, &sized(&user), &user)).await;
    assert_status(&deleted, 204);
    zenodo_fake.assert_clean();
}
