use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::StatusCode;

use super::{Content, File, Form, open, read};
use crate::frontend::rds::body::Bounds;
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::spool::Spool;
use crate::frontend::rds::storage::upload::SHAPE;

const BOUNDS: Bounds = Bounds {
    bytes_max: 64,
    time: Duration::from_millis(200),
};

const PATH: (&str, &str) = ("filepath", "/a.txt");
const USER: (&str, &str) = ("userId", "port-x://alice:TOK");
const FILE: (&str, &str) = ("file", "the bytes");

fn form(parts: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, text) in parts {
        body += "--XX\r\nContent-Disposition: form-data; name=\"";
        body += name;
        body += "\"; filename=\"f\"\r\n\r\n";
        body += text;
        body += "\r\n";
    }
    body + "--XX--\r\n"
}

async fn send(media_type: &str, body: impl Into<Body>) -> Result<(Form, Spool), Refusal> {
    let spool = Spool::new(std::env::temp_dir(), 1000, 1000);
    let request = Request::builder()
        .header("content-type", media_type)
        .body(body.into())
        .unwrap();
    let form = read(open(request, BOUNDS, &SHAPE)?, &spool, &SHAPE).await?;
    Ok((form, spool))
}

async fn parts(parts: &[(&str, &str)]) -> Result<(Form, Spool), Refusal> {
    send("multipart/form-data; boundary=XX", form(parts)).await
}

async fn text(form: Form) -> String {
    let (_, mut upload) = form.file.unwrap().content.into_upload();
    let mut text = Vec::new();
    while let Some(chunk) = upload.next().await.unwrap() {
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_file_that_comes_last_streams() {
    for name in ["file", "files"] {
        for fields in [[PATH, USER], [USER, PATH]] {
            let all = [fields[0], fields[1], ("other", "x"), (name, "the bytes")];
            let (form, spool) = parts(&all).await.unwrap();
            assert_eq!(form.field("filepath"), Some("/a.txt"));
            assert_eq!(form.user.as_ref().unwrap().user.as_deref(), Some("alice"));
            assert!(matches!(
                form.file,
                Some(File {
                    content: Content::Arriving(_),
                    ..
                })
            ));
            assert_eq!(spool.used_bytes(), 0);
            assert_eq!(text(form).await, "the bytes");
        }
    }
}

#[tokio::test]
async fn a_file_that_comes_early_waits() {
    for all in [
        [FILE, PATH, USER].as_slice(),
        &[PATH, FILE, USER],
        &[USER, FILE, PATH],
        &[PATH, FILE],
    ] {
        let (form, spool) = parts(all).await.unwrap();
        assert_eq!(form.field("filepath"), Some("/a.txt"));
        assert_eq!(form.user.is_some(), all.contains(&USER));
        assert_eq!(spool.used_bytes(), 9);
        assert_eq!(text(form).await, "the bytes");
        assert_eq!(spool.used_bytes(), 0);
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_is_an_error() {
    let whole = form(&[PATH, USER, FILE]);
    let cut = whole.strip_suffix("\r\n--XX--\r\n").unwrap().to_owned();
    let (form, _) = send("multipart/form-data; boundary=XX", cut).await.unwrap();
    let (_, mut upload) = form.file.unwrap().content.into_upload();
    let mut last = upload.next().await;
    while let Ok(Some(_)) = last {
        last = upload.next().await;
    }
    assert!(last.is_err());
}

#[tokio::test]
async fn other_bodies_are_refused() {
    for media_type in ["application/x-www-form-urlencoded", "application/json", ""] {
        let refusal = send(media_type, "filepath=a").await.err().unwrap();
        assert_eq!(
            refusal,
            Refusal::media_type(media_type, "multipart/form-data")
        );
    }
    let refusal = send("", Body::empty()).await.err().unwrap();
    assert_eq!(
        refusal,
        Refusal::malformed("'filepath' is a required property")
    );
    let refusal = send("multipart/form-data; boundary=XX", "nonsense").await;
    assert_eq!(
        refusal.err().unwrap(),
        Refusal::malformed("Request body is not valid multipart/form-data")
    );
}

#[tokio::test]
async fn fields_and_parts_have_limits() {
    let long = "x".repeat(65);
    let refusal = parts(&[("filepath", &long)]).await.err().unwrap();
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    let many = vec![("other", "x"); 65];
    let refusal = parts(&many).await.err().unwrap();
    assert_eq!(
        refusal,
        Refusal::malformed("Request body has more than 64 parts")
    );
}

#[tokio::test]
async fn a_form_that_stalls_is_refused() {
    let start = Bytes::from("--XX\r\nContent-Disposition: form-data; name=\"filepath\"\r\n\r\n");
    let stalled = stream::once(async { Ok::<_, Infallible>(start) }).chain(stream::pending());
    let body = Body::from_stream(stalled);
    let refusal = send("multipart/form-data; boundary=XX", body).await;
    assert_eq!(refusal.err().unwrap().status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_form_that_never_comes_to_a_part_is_refused() {
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    let head = Bytes::from("--XX\r\nContent-Disposition: form-data; name=\"");
    for start in [None, Some(head)] {
        let endless = stream::iter(start)
            .chain(stream::iter(vec![chunk.clone(); 100]))
            .map(Ok::<_, Infallible>)
            .chain(stream::pending());
        let body = Body::from_stream(endless);
        let refusal = send("multipart/form-data; boundary=XX", body).await;
        assert_eq!(
            refusal.err().unwrap(),
            Refusal::malformed("Request body is not valid multipart/form-data")
        );
    }
}

#[tokio::test]
async fn a_part_may_be_as_long_as_it_likes() {
    let long = "x".repeat(3 << 20);
    let all = [("other", long.as_str()), PATH, USER, ("file", &long)];
    let whole = Bytes::from(form(&all));
    let chunks: Vec<_> = whole
        .chunks(64 * 1024)
        .map(Bytes::copy_from_slice)
        .collect();
    let arriving = stream::iter(chunks).then(async |chunk| {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(chunk)
    });
    let body = Body::from_stream(arriving);
    let (form, _) = send("multipart/form-data; boundary=XX", body)
        .await
        .unwrap();
    assert_eq!(text(form).await.len(), long.len());
}
