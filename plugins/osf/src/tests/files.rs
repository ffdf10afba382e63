//! Files: sent, read and removed.

use std::io::Read as _;

use tenon_sdk::native::Collected;

use super::*;

const GUARD: &str = "GET /v2/nodes/abcde/";
const STORAGES: &str = "GET /v2/nodes/abcde/files/";
const API: &str = "/v2/nodes/abcde/files/osfstorage/";
const FILES: &str = "/files/v1/resources/abcde/providers/osfstorage/";

fn draft() -> Answer {
    resource(200, &node("abcde", false))
}

fn looked_up(folder: &str, kind: &str, name: &str) -> String {
    format!("GET {API}{folder}?filter%5Bkind%5D={kind}&filter%5Bname%5D={name}&page%5Bsize%5D=100")
}

fn add(osf: &Osf, name: &str, size: Option<u64>) -> Result<DepositedFile> {
    let mut content = Reader::from_read("abc".as_bytes(), size);
    osf.add_file("abcde", &Path::new(name)?, size, &mut content)
}

#[test]
fn folders_are_found_or_made_and_the_file_is_new() {
    let answers = vec![
        draft(),
        storages("abcde"),
        // The filter finds what merely contains the name.
        page(&json!([entry("/xa b/", "00001"), entry("/a b/", "00002")])),
        page(&json!([])),
        resource(201, &entry("/a b/c?&/", "00003")),
        page(&json!([])),
        resource(201, &entry("/a b/c?&/\u{fc}#%.txt", "00004")),
    ];
    let name = "a b/c?&/\u{fc}#%.txt";
    let (file, requests) = run(answers, |osf| add(osf, name, Some(3)));
    let file = file.unwrap();
    assert_eq!(
        (file.id.as_str(), file.name.as_str(), file.size),
        ("00004", name, Some(3))
    );
    assert_eq!(
        requests,
        [
            GUARD.to_owned(),
            STORAGES.to_owned(),
            looked_up("", "folder", "a%20b"),
            looked_up("00002/", "folder", "c%3F%26"),
            format!("PUT {FILES}00002/?kind=folder&name=c%3F%26 [0] "),
            looked_up("00003/", "file", "%C3%BC%23%25.txt"),
            format!("PUT {FILES}00003/?kind=file&name=%C3%BC%23%25.txt [3] abc"),
        ]
    );
}

#[test]
fn a_file_that_is_there_gets_a_version() {
    for size in [Some(3), None] {
        let answers = vec![
            draft(),
            storages("abcde"),
            page(&json!([
                entry("/a.txt/", "00001"),
                entry("/a.txt", "00002")
            ])),
            resource(200, &entry("/a.txt", "00002")),
        ];
        let (file, requests) = run(answers, |osf| add(osf, "a.txt", size));
        assert_eq!(file.unwrap().id, "00002");
        assert_eq!(requests[3], format!("PUT {FILES}00002?kind=file [3] abc"));
    }
}

#[test]
fn a_folder_that_somebody_else_made_will_do() {
    for answer in [Answer::json(409, &json!({})), Answer::Lost] {
        let answers = vec![
            draft(),
            storages("abcde"),
            page(&json!([])),
            answer,
            page(&json!([entry("/a/", "00001")])),
            page(&json!([])),
            resource(201, &entry("/a/b", "00002")),
        ];
        let (file, requests) = run(answers, |osf| add(osf, "a/b", Some(3)));
        assert_eq!(file.unwrap().name, "a/b");
        assert_eq!(requests[4], looked_up("", "folder", "a"));
    }
}

#[test]
fn a_storage_elsewhere_gets_nothing() {
    for link in [
        "http://127.0.0.1:1/v1/resources/abcde/providers/osfstorage/",
        "@URL@/v1/resources/abcde/providers/osfstorage/",
        "@URL@/files/v1/resources/other/providers/osfstorage/",
    ] {
        let elsewhere = page(&json!([
            {"attributes": {"provider": "osfstorage"}, "links": {"upload": link}},
        ]));
        let (result, requests) = run(vec![draft(), elsewhere], |osf| add(osf, "a", Some(3)));
        assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(requests, [GUARD, STORAGES]);
    }
}

#[test]
fn less_than_was_sent_is_no_success() {
    let mut stored = entry("/a", "00001");
    stored["attributes"]["size"] = json!(2);
    let answers = vec![
        draft(),
        storages("abcde"),
        page(&json!([])),
        resource(201, &stored),
    ];
    let (result, _) = run(answers, |osf| add(osf, "a", Some(3)));
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn a_source_that_ends_early_breaks_the_upload_off() {
    let answers = vec![draft(), storages("abcde"), page(&json!([]))];
    let (result, _) = run(answers, |osf| {
        let mut content = Reader::from_read(std::io::repeat(1).take(10), Some(20));
        osf.add_file("abcde", &Path::new("a")?, Some(20), &mut content)
    });
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn a_file_that_may_be_there_is_reported() {
    let answers = vec![draft(), storages("abcde"), page(&json!([])), Answer::Lost];
    let (result, requests) = run(answers, |osf| add(osf, "a", Some(3)));
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Unavailable, Some("a"))
    );
    assert!(error.message().contains("may have been stored"), "{error}");
    assert_eq!(requests.len(), 4);
}

#[test]
fn bytes_are_asked_for_directly() {
    let mut collected = Collected::default();
    let answers = vec![storages("abcde"), Answer::Json(200, "bytes".to_owned())];
    let (result, requests) = run(answers, |osf| {
        osf.read_file("abcde", "00001", Sink::to(&mut collected))
    });
    assert_eq!(result, Ok(()));
    assert_eq!(collected.bytes, b"bytes");
    assert_eq!(collected.head.unwrap().size, Some(5));
    assert_eq!(
        requests,
        [STORAGES.to_owned(), format!("GET {FILES}00001?direct=")]
    );

    let mut collected = Collected::default();
    let answers = vec![storages("abcde"), Answer::Cut("half")];
    let (result, _) = run(answers, |osf| {
        osf.read_file("abcde", "00001", Sink::to(&mut collected))
    });
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
    assert!(collected.head.is_some());

    let mut collected = Collected::default();
    let answers = vec![storages("abcde"), Answer::empty(404)];
    let (result, _) = run(answers, |osf| {
        osf.read_file("abcde", "00001", Sink::to(&mut collected))
    });
    assert_eq!(result.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(collected.head, None);
}

#[test]
fn one_file_or_all_are_removed() {
    let answers = || vec![draft(), storages("abcde"), Answer::empty(204)];
    let (result, requests) = run(answers(), |osf| osf.delete_file("abcde", "00001"));
    assert_eq!(result, Ok(()));
    assert_eq!(requests[2], format!("DELETE {FILES}00001"));
    let (result, requests) = run(answers(), |osf| osf.delete_files("abcde"));
    assert_eq!(result, Ok(()));
    assert_eq!(requests[2], format!("DELETE {FILES}?confirm_delete=1"));
}
