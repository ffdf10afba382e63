//! Active uploads.

use axum::body::{Body, Bytes};
use futures::{StreamExt as _, stream};
use serde_json::json;

use super::{Answer, FORM, JSON, Rig};

const FILES: &str = "POST /metadata/project/7/files";

const USER: Part<'_> = ("userId", None, "port-shelf://alice:TOK");
const NAME: Part<'_> = ("filename", None, "sub/a.txt");
const FILE: Part<'_> = ("file", Some("sub/a.txt"), "the bytes");

/// Its name, the name of its file, its content.
type Part<'a> = (&'a str, Option<&'a str>, &'a str);

fn form(parts: &[Part<'_>]) -> String {
    let mut body = String::new();
    for (name, file, text) in parts {
        body += &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"");
        if let Some(file) = file {
            body += &format!("; filename=\"{file}\"\r\nContent-Type: text/plain");
        }
        body += &format!("\r\n\r\n{text}\r\n");
    }
    body + "--XX--\r\n"
}

async fn upload(rig: &Rig, parts: &[Part<'_>]) -> Answer {
    rig.send(FILES, &[FORM], form(parts)).await
}

fn is_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["success"], false);
    assert_ne!(body["message"].as_str().unwrap(), "");
    // One of the two bodies that any other refusal has.
    assert!(
        body["http_code"] == status || body["status"] == status,
        "{body}"
    );
}

#[tokio::test]
async fn parts_come_in_any_order() {
    let username: Part<'_> = ("username", None, "alice");
    let spec: Part<'_> = ("files", None, "the bytes");
    let own: Part<'_> = ("files", Some("sub/a.txt"), "the bytes");
    for (parts, size) in [
        // As the exporter sends it.
        (vec![USER, NAME, username, FILE], "None"),
        (vec![NAME, USER, spec], "None"),
        // Its own name will do.
        (vec![USER, own], "None"),
        (vec![USER, FILE, NAME], "None"),
        // These wait until it is known who asks, or what it is called.
        (vec![FILE, USER, NAME], "Some(9)"),
        (vec![NAME, FILE, USER], "Some(9)"),
        (vec![USER, spec, NAME], "Some(9)"),
        (vec![own, username, USER], "Some(9)"),
    ] {
        let rig = Rig::with_project();
        let answer = upload(&rig, &parts).await;
        answer.is(
            200,
            json!({ "success": true, "id": "f0", "filename": "sub/a.txt" }),
        );
        let asked = format!("alice+key add-file 7 sub/a.txt {size}");
        assert_eq!(rig.asked(), [asked], "{parts:?}");
        let kept = rig.shelf.kept("7");
        assert_eq!(kept, [("sub/a.txt".to_owned(), "the bytes".to_owned())]);
        assert_eq!(rig.spool.used_bytes(), 0);
    }
}

#[tokio::test]
async fn the_field_names_the_file_before_its_part_does() {
    for (given, own, name) in [
        ("/sub//ü b.txt", "other", "sub/ü b.txt"),
        ("", "own.txt", "own.txt"),
        ("a%20b", "x", "a%20b"),
    ] {
        let rig = Rig::with_project();
        let parts = [USER, ("filename", None, given), ("file", Some(own), "")];
        let answer = upload(&rig, &parts).await;
        assert_eq!(answer.json()["filename"], name);
        assert_eq!(rig.shelf.kept("7"), [(name.to_owned(), String::new())]);
    }
}

#[tokio::test]
async fn a_folder_is_passed_over() {
    for parts in [
        [USER, ("filename", None, "sub/"), ("file", Some("x"), "")],
        [("file", Some("sub/"), ""), NAME, USER],
        [
            USER,
            ("filename", None, ""),
            ("file", Some("sub/"), "some bytes"),
        ],
    ] {
        let rig = Rig::with_project();
        let answer = upload(&rig, &parts).await;
        assert_eq!(answer.json()["success"], true, "{}", answer.text());
        let stored = parts[1] == NAME;
        assert_eq!(rig.shelf.kept("7").len(), usize::from(stored));
    }
}

#[tokio::test]
async fn every_refusal_has_success_and_message() {
    let rig = Rig::with_project();
    is_refused(&upload(&rig, &[USER, NAME]).await, 400);
    is_refused(&upload(&rig, &[USER, ("file", None, "x")]).await, 400);
    let answer = rig.send(FILES, &[], "").await;
    is_refused(&answer, 400);
    assert_eq!(answer.json()["message"], "'file' is a required property");
    is_refused(&rig.send(FILES, &[FORM], "nonsense").await, 400);
    is_refused(&rig.ask(FILES, "{}").await, 415);
    is_refused(
        &rig.send(FILES, &[("content-type", "text/plain")], "x")
            .await,
        415,
    );
    // More than the spool takes.
    let long = "x".repeat(1001);
    let answer = upload(&rig, &[("file", Some("a"), &long), USER]).await;
    is_refused(&answer, 413);
    for (outcome, status) in [
        ("unauthenticated", 401),
        ("conflict", 409),
        ("rate-limited", 429),
        ("internal", 502),
        ("unavailable", 503),
    ] {
        let target = format!("POST /metadata/project/error-{outcome}/files");
        let answer = rig.send(&target, &[FORM], form(&[USER, NAME, FILE])).await;
        is_refused(&answer, status);
        assert_eq!(answer.json()["message"], "so it was asked");
    }
    for (target, host) in [
        (FILES, "unknown"),
        ("POST /metadata/project/%FF/files", "layer1-port-shelf"),
    ] {
        let bare = ("userId", None, "alice");
        let headers = [FORM, ("host", host)];
        let answer = rig.send(target, &headers, form(&[bare, NAME, FILE])).await;
        is_refused(&answer, 404);
    }
    assert!(rig.shelf.kept("7").is_empty());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_not_kept() {
    let rig = Rig::with_project();
    let whole = form(&[USER, NAME, FILE]);
    let cut = whole.strip_suffix("\r\n--XX--\r\n").unwrap().to_owned();
    is_refused(&rig.send(FILES, &[FORM], cut.clone()).await, 503);
    // Once the file is on its way.
    let shelf = rig.shelf.clone();
    let lost = stream::once(async move {
        while shelf.contents().asked.len() < 2 {
            tokio::task::yield_now().await;
        }
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let arriving = stream::once(async { Ok(Bytes::from(cut)) }).chain(lost);
    let body = Body::from_stream(arriving);
    is_refused(&rig.send(FILES, &[FORM], body).await, 503);
    assert!(rig.shelf.kept("7").is_empty());
}

#[tokio::test]
async fn other_methods_refuse_as_ever() {
    let rig = Rig::with_project();
    let answer = rig
        .send("PUT /metadata/project/7/files", &[JSON], "{}")
        .await;
    answer.is_envelope(405, "MethodNotAllowed");
}
