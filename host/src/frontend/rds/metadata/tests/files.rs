//! `/metadata/project/{project-id}/files` but for uploads.

use http::StatusCode;
use serde_json::{Value, json};

use super::{JSON, Rig, SESSION};
use crate::dispatch::testing::Kept;

fn rig(files: &[(&str, &str)]) -> Rig {
    let rig = Rig::with_project();
    let kept = files.iter().map(|(id, name)| Kept {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        content: format!("of {name}"),
    });
    rig.shelf.contents().projects[0].files.extend(kept);
    rig
}

const FILES: &str = "/metadata/project/7/files";

#[tokio::test]
async fn all_pages_of_files_are_one_list() {
    let rig = rig(&[("u1", "a.txt"), ("u2", "sub/b.txt"), ("u3", "c")]);
    let answer = rig.ask(&format!("GET {FILES}"), SESSION).await;
    answer.is(
        200,
        json!([
            { "id": "u1", "filename": "a.txt", "size": 8, "checksum": "c" },
            { "id": "u2", "filename": "sub/b.txt", "size": 12, "checksum": "c" },
            { "id": "u3", "filename": "c", "size": 4, "checksum": "c" },
        ]),
    );
    assert_eq!(rig.asked().len(), 2);
}

#[tokio::test]
async fn all_files_are_removed_with_a_body_and_without() {
    for (headers, body, user) in [
        (&[JSON][..], SESSION, "alice+key"),
        (&[JSON], "{}", "-"),
        (&[JSON], "", "-"),
        (&[], "", "-"),
    ] {
        let rig = rig(&[("u1", "a"), ("u2", "b")]);
        let answer = rig.send(&format!("DELETE {FILES}"), headers, body).await;
        answer.is(200, json!(true));
        assert_eq!(rig.asked(), [format!("{user} delete-files 7")]);
        assert!(rig.shelf.kept("7").is_empty());
    }
    let rig = Rig::with_project();
    let target = format!("DELETE {FILES}");
    let answer = rig.ask(&target, r#"{"userId": 5}"#).await;
    answer.is_problem(400, "5 is not of type 'string' - 'userId'");
    let answer = rig.send(&target, &[], "{}").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_file_is_removed_by_its_id_or_its_place() {
    // An id that is a number as well goes before a place.
    let files = [
        ("u1", "a"),
        ("0", "b"),
        ("x/y z", "c"),
        ("u4", "d"),
        ("u5", "e"),
    ];
    for (file, left) in [
        ("u1", "bcde"),
        ("0", "acde"),
        ("x%2Fy%20z", "abde"),
        ("x/y%20z", "abde"),
        ("1", "acde"),
        ("2", "abde"),
        ("4", "abcd"),
    ] {
        let rig = rig(&files);
        let answer = rig.ask(&format!("DELETE {FILES}/{file}"), SESSION).await;
        answer.is(200, Value::Bool(true));
        let names: String = rig
            .shelf
            .kept("7")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, left, "{file}");
    }
    for file in ["5", "04", "u9", "1000000", "-1"] {
        let rig = rig(&files);
        let answer = rig.ask(&format!("DELETE {FILES}/{file}"), SESSION).await;
        answer.is_envelope(404, "NotFound");
        assert_eq!(rig.shelf.kept("7").len(), 5);
    }
    // Nothing but an id that is unknown makes it a place.
    let target = "DELETE /metadata/project/error-conflict/files/0";
    let rig = rig(&files);
    rig.ask(target, SESSION).await.is_envelope(409, "Conflict");
    assert_eq!(rig.asked().len(), 1);
}

#[tokio::test]
async fn a_files_bytes_are_sent_as_they_are() {
    let rig = rig(&[("u1", "a"), ("sub/b c", "b")]);
    for (file, content, name) in [
        ("u1", "of a", "inline; filename=u1"),
        ("sub%2Fb%20c", "of b", "inline; filename=\"b c\""),
        ("sub/b%20c", "of b", "inline; filename=\"b c\""),
    ] {
        let target = format!("GET {FILES}/{file}");
        let gzip = ("accept-encoding", "gzip");
        let answer = rig.send(&target, &[JSON, gzip], SESSION).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, content));
        assert!(answer.whole);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("content-disposition"), name);
        assert_eq!(answer.header("content-length"), "");
        assert_eq!(answer.header("content-encoding"), "");
    }
}

#[tokio::test]
async fn a_refused_file_breaks_for_callers_with_a_credential() {
    let mut rig = Rig::with_project();
    let target = format!("GET {FILES}/none");
    let bare = rig.ask(&target, r#"{"userId": "alice"}"#).await;
    bare.is_envelope(404, "NotFound");
    assert!(bare.whole);
    let session = rig.ask(&target, SESSION).await;
    session.is_envelope(404, "NotFound");
    assert!(!session.whole);
    rig.options.break_error_bodies = false;
    let session = rig.ask(&target, SESSION).await;
    session.is_envelope(404, "NotFound");
    assert!(session.whole);
}

#[tokio::test]
async fn an_update_is_not_offered() {
    let rig = rig(&[("u1", "a")]);
    let answer = rig.ask(&format!("PATCH {FILES}/u1"), SESSION).await;
    answer.is_envelope(501, "NotImplemented");
    assert_eq!(rig.asked(), [""; 0]);
}
