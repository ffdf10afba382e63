//! What may be done when, and how often.

use std::io::Write as _;

use tenon_fakes::zenodo::Operation;

use super::*;
use crate::raw::status_line;

#[test]
fn what_is_not_there_is_not_found() {
    let zenodo = fake();
    let origin = zenodo.origin();
    let missing = format!("{DEPOSITIONS}/7");
    let huge = format!("{DEPOSITIONS}/99999999999999999999999");
    for (method, path) in [
        ("GET", missing.clone()),
        ("GET", huge),
        ("DELETE", missing.clone()),
        ("GET", format!("{missing}/files")),
        ("DELETE", format!("{missing}/files/x")),
        ("POST", format!("{missing}/actions/publish")),
        ("GET", "/api/files/none".into()),
        ("DELETE", "/api/files/none/a".into()),
    ] {
        let reply = request(method, &path).send(&origin);
        assert_eq!(reply.status, 404, "{method} {path}");
        assert_eq!(reply.json()["status"], 404, "{method} {path}");
    }
    assert_eq!(describe(&zenodo, &missing).status, 404);
    assert_eq!(upload(&zenodo, &missing, form("a", "x")).status, 404);
    assert_eq!(put(&zenodo, "/api/files/none/a", "x").status, 404);
}

#[test]
fn a_published_deposit_cannot_be_changed() {
    let zenodo = fake();
    let (deposit, bucket) = ready(&zenodo);
    assert_eq!(publish(&zenodo, &deposit).status, 202);
    let before = zenodo.deposits();
    let origin = zenodo.origin();
    assert_eq!(describe(&zenodo, &deposit).status, 403);
    assert_eq!(request("DELETE", &deposit).send(&origin).status, 403);
    assert_eq!(upload(&zenodo, &deposit, form("b", "x")).status, 403);
    let locked = put(&zenodo, &format!("{bucket}/b"), "x");
    assert_eq!(locked.status, 403);
    assert_eq!(locked.message(), "Bucket is locked for modifications.");
    assert_eq!(
        request("DELETE", &format!("{bucket}/a"))
            .send(&origin)
            .status,
        403
    );
    let file = format!("{deposit}/files/{}", before[0].files[0].id);
    assert_eq!(request("DELETE", &file).send(&origin).status, 403);
    assert_eq!(zenodo.deposits(), before);
    let shown = request("GET", &deposit).send(&origin).json();
    assert_eq!(
        (&shown["submitted"], &shown["state"]),
        (&json!(true), &json!("done"))
    );
}

#[test]
fn a_second_publication_is_a_violation() {
    let zenodo = fake();
    let (deposit, _) = ready(&zenodo);
    assert_eq!(publish(&zenodo, &deposit).status, 202);
    assert_eq!(publish(&zenodo, &deposit).status, 403);
    assert_eq!(rules(&zenodo), ["published a second time"]);
    assert_eq!(zenodo.calls_of(Operation::Publish).len(), 2);
}

#[test]
fn a_publication_needs_a_file() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    describe(&zenodo, &deposit);
    let reply = publish(&zenodo, &deposit);
    assert_eq!(reply.status, 400);
    let errors = reply.json()["errors"].clone();
    assert_eq!(errors[0]["message"], "Minimum one file must be provided.");
    assert!(!zenodo.deposits()[0].submitted);
}

#[test]
fn a_publication_needs_metadata() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    put(&zenodo, &format!("{bucket}/a"), "x");
    let reply = publish(&zenodo, &deposit);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["errors"][0]["field"], "metadata.title");
    assert!(!zenodo.deposits()[0].submitted);
}

#[test]
fn a_deletion_is_answered_as_told() {
    let zenodo = fake();
    for status in [204, 201] {
        zenodo.answer_deletion_with(status);
        let (deposit, _) = paths(&zenodo);
        let reply = request("DELETE", &deposit).send(&zenodo.origin());
        assert_eq!((reply.status, reply.body.len()), (status, 0));
        let gone = request("GET", &deposit).send(&zenodo.origin());
        assert_eq!(gone.status, 404);
    }
}

#[test]
fn an_upload_to_a_bucket_is_answered_as_told() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    zenodo.answer_bucket_upload_with(200);
    assert_eq!(put(&zenodo, &format!("{bucket}/a"), "x").status, 200);
}

#[test]
fn the_old_upload_refuses_a_name_that_exists() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    assert_eq!(upload(&zenodo, &deposit, form("a b", "x")).status, 201);
    assert_eq!(upload(&zenodo, &deposit, form("a/b", "y")).status, 400);
    assert_eq!(zenodo.deposits()[0].files.len(), 1);
}

#[test]
fn a_creating_call_is_not_repeated_for_one_request() {
    let zenodo = fake();
    let origin = zenodo.origin();
    let create = |id: &str| {
        let request = request("POST", DEPOSITIONS).header("x-request-id", id);
        request.json(&json!({})).send(&origin).status
    };
    assert_eq!((create("1"), create("2")), (201, 201));
    assert_eq!(create("1"), 400);
    assert_eq!(rules(&zenodo), ["a creating call repeated for one request"]);
    assert_eq!(zenodo.deposits().len(), 2);
}

#[test]
fn links_lead_where_they_are_told() {
    let zenodo = fake();
    zenodo.link_to("http://elsewhere.example");
    let links = create(&zenodo)["links"].clone();
    let bucket = links["bucket"].as_str().expect("a link");
    assert!(
        bucket.starts_with("http://elsewhere.example/api/files/"),
        "{bucket}"
    );
}

#[test]
fn links_to_buckets_can_be_missing() {
    let zenodo = fake();
    zenodo.hide_buckets();
    let made = create(&zenodo);
    assert!(made["links"]["self"].is_string());
    assert_eq!(made["links"].get("bucket"), None);
    let path = format!("{DEPOSITIONS}/{}", made["id"]);
    let old = upload(&zenodo, &path, form("a", "x")).json();
    assert!(old["links"]["self"].is_string());
    assert_eq!(old["links"].get("download"), None);
}

#[test]
fn an_upload_that_ends_after_the_publication_is_refused() {
    let zenodo = fake();
    let (deposit, bucket) = ready(&zenodo);
    let upload = request("PUT", &format!("{bucket}/late")).header("content-length", "2");
    let mut stream = upload.start(&zenodo.origin());
    stream.write_all(b"x").expect("a reading server");
    while zenodo.calls().last().is_none_or(|call| call.received == 0) {
        std::thread::yield_now();
    }
    assert_eq!(publish(&zenodo, &deposit).status, 202);
    stream.write_all(b"y").expect("a reading server");
    assert_eq!(status_line(stream), "HTTP/1.1 403 Forbidden");
    assert_eq!(zenodo.deposits()[0].files.len(), 1);
}
