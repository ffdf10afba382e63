//! The old way to upload, for deposits that Zenodo shows no bucket of.

use std::io::{self, Read as _};

use super::{
    scripted::{Answer, Request, Scripted, deposit},
    *,
};

const DEPOSIT: &str = "GET /api/deposit/depositions/1";
const LIST: &str = "GET /api/deposit/depositions/1/files";
const POST: &str = "POST /api/deposit/depositions/1/files";

/// A Zenodo without buckets, whose deposit 1 has a file `a.txt`, that says `posted` to an upload and
/// `deleted` to a removal.
fn zenodo(posted: (u16, Value), deleted: u16) -> Scripted {
    Scripted::start(move |_, line| -> Answer {
        match line {
            DEPOSIT => deposit(json!({"links": {"self": "https://zenodo.org"}})),
            LIST => {
                let files = json!([{"id": "f-1", "filename": "a.txt", "filesize": 1}]);
                (200, "", files.to_string())
            }
            POST => (posted.0, "", posted.1.to_string()),
            _ => (deleted, "", String::new()),
        }
    })
}

fn add(zenodo: &Scripted, name: &str, content: &mut Reader<'static>) -> Result<DepositedFile> {
    let size = content.remaining();
    zenodo.run(|zenodo| zenodo.add_file("1", &Path::new(name)?, size, content))
}

fn stored(key: &str, size: u64) -> (u16, Value) {
    let file = json!({"id": "f-2", "filename": key, "filesize": size.to_string()});
    (201, file)
}

fn posted(zenodo: &Scripted) -> Request {
    let mut requests = zenodo.requests();
    requests.retain(|request| request.line == POST);
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn the_form_is_whole_and_has_a_length() {
    for size in [Some(7), None] {
        let zenodo = zenodo(stored("q\"%2F\u{fc}", 7), 204);
        let content = io::Cursor::new(b"--\r\n\r\n-".to_vec());
        let added = add(&zenodo, "q\"/\u{fc}", &mut Reader::from_read(content, size)).unwrap();
        assert_eq!(
            (&*added.id, &*added.name, added.size),
            ("f-2", "q\"/\u{fc}", Some(7))
        );
        assert_eq!(zenodo.lines(), [DEPOSIT, LIST, POST]);
        let Request { headers, body, .. } = posted(&zenodo);
        let boundary = headers
            .split_once("multipart/form-data; boundary=")
            .map(|(_, rest)| rest.lines().next().unwrap())
            .unwrap();
        assert!((16..=70).contains(&boundary.len()), "{boundary}");
        assert!(!headers.contains("transfer-encoding"), "{headers}");
        assert!(headers.contains(&format!("content-length: {}\r\n", body.len())));
        let expected = format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"name\"\r\n\r\n\
             q\"%2F\u{fc}\r\n\
             --{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"q%22%2F\u{fc}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\
             --\r\n\r\n-\r\n\
             --{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}

#[test]
fn without_a_bucket_files_are_added_and_replaced() {
    let fixture = Fixture::new();
    fixture.fake.hide_buckets();
    let id = fixture.complete();
    let before = fixture.fake.calls().len();
    for (content, requests) in [
        (&b"first"[..], &["Get", "ListFiles", "Upload"][..]),
        (b"second", &["Get", "ListFiles", "DeleteFile", "Upload"]),
    ] {
        let before = fixture.fake.calls().len();
        let added = fixture.add(&id, "b.txt", content).unwrap();
        assert_eq!(added.size, Some(content.len() as u64));
        assert_eq!(fixture.lines(before), requests);
        let kept = fixture.kept(&id);
        assert_eq!(kept.files.len(), 2);
        let kept = kept.file("b.txt").unwrap();
        assert_eq!(
            (kept.content.as_deref(), &kept.id),
            (Some(content), &added.id)
        );
    }
    assert!(fixture.lines(before).len() == 7);
    let read = fixture.read(&id, "b.txt").unwrap_err();
    assert_eq!(read.kind(), Kind::Unsupported);
}

#[test]
fn without_a_bucket_names_that_would_collide_are_refused() {
    let fixture = Fixture::new();
    fixture.fake.hide_buckets();
    let id = fixture.complete();
    fixture.add(&id, "a2Fx", b"another").unwrap();
    let kept = fixture.kept(&id);
    // One would get the name of another file, the other a name that nobody gave it.
    for (name, kind) in [("a/x", Kind::Invalid), ("b/x", Kind::Unsupported)] {
        let error = fixture.add(&id, name, b"x").unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(fixture.kept(&id), kept);
    }
}

#[test]
fn a_file_is_replaced_by_removal_and_addition() {
    let zenodo = zenodo(stored("a.txt", 3), 204);
    add(&zenodo, "a.txt", &mut Reader::from_bytes("new")).unwrap();
    assert_eq!(
        zenodo.lines(),
        [
            DEPOSIT,
            LIST,
            "DELETE /api/deposit/depositions/1/files/f-1",
            POST
        ]
    );
}

#[test]
fn a_failure_between_removal_and_addition_is_told() {
    for status in [413, 500] {
        let zenodo = zenodo((status, json!({})), 204);
        let error = add(&zenodo, "a.txt", &mut Reader::from_bytes("new")).unwrap_err();
        assert!(error.message().contains("removed already"), "{error}");
        // Another name is another matter.
        let error = add(&zenodo, "b.txt", &mut Reader::from_bytes("new")).unwrap_err();
        assert!(!error.message().contains("removed already"), "{error}");
    }
}

#[test]
fn what_cannot_be_removed_is_not_added_to() {
    let zenodo = zenodo(stored("a.txt", 3), 403);
    let error = add(&zenodo, "a.txt", &mut Reader::from_bytes("new")).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(zenodo.lines().len(), 3);
}

#[test]
fn content_that_breaks_off_removes_nothing() {
    let zenodo = zenodo(stored("a.txt", 3), 204);
    let mut broken = Reader::from_read(io::repeat(1).take(10), Some(20));
    let error = add(&zenodo, "a.txt", &mut broken).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(zenodo.lines(), [DEPOSIT]);
}

#[test]
fn a_name_that_is_not_kept_is_taken_back() {
    for (deleted, said) in [(204, false), (500, true)] {
        let zenodo = zenodo(stored("a2Fx", 3), deleted);
        let error = add(&zenodo, "a/x", &mut Reader::from_bytes("new")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert_eq!(error.message().contains("left behind"), said, "{error}");
        let last = zenodo.lines().pop().unwrap();
        assert_eq!(last, "DELETE /api/deposit/depositions/1/files/f-2");
    }
}
