//! Files that are there.

use super::*;

#[test]
fn files_are_listed_in_order_and_in_pages() {
    let fixture = Fixture::new();
    let id = fixture.created();
    for name in ["c", "a", "sub/b c"] {
        fixture.add(&id, name, b"12").unwrap();
    }
    let files = fixture.files(&id);
    let names: Vec<_> = files.iter().map(|file| &*file.name).collect();
    assert_eq!(names, ["c", "a", "sub/b c"]);
    let kept = fixture.kept(&id);
    for (file, kept) in files.iter().zip(&kept.files) {
        assert_eq!((&file.id, file.size), (&kept.id, Some(2)));
        // The whole of what Zenodo says.
        let details = object(&file.details);
        assert_eq!(details["id"], kept.id);
        assert_eq!(details["filename"], kept.name);
        assert_eq!(details["checksum"], kept.md5);
    }

    let mut after = None;
    for (number, name) in names.iter().enumerate() {
        let request = PageRequest {
            after: after.as_deref(),
            max: 1,
        };
        let page = fixture
            .run(|zenodo| zenodo.list_files(&id, request))
            .unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].name, *name);
        assert_eq!(page.next.is_some(), number < 2);
        after = page.next;
    }
}

#[test]
fn a_file_goes_by_its_id_or_by_its_key() {
    let fixture = Fixture::new();
    let id = fixture.created();
    let added = fixture.add(&id, "sub/a", b"1").unwrap();
    fixture.add(&id, "b", b"2").unwrap();
    fixture.add(&id, "c", b"3").unwrap();
    fixture
        .run(|zenodo| zenodo.delete_file(&id, &added.id))
        .unwrap();
    let listed = fixture.files(&id).remove(1);
    assert_eq!(listed.name, "c");
    fixture
        .run(|zenodo| zenodo.delete_file(&id, &listed.id))
        .unwrap();
    assert_eq!(fixture.files(&id).len(), 1);
    // Nothing of what a caller says becomes part of an address.
    let before = fixture.fake.calls().len();
    for file in [&*added.id, "../../..", "", "b/../c", "\r\n"] {
        let deleted = fixture.run(|zenodo| zenodo.delete_file(&id, file));
        assert_eq!(deleted.unwrap_err().kind(), Kind::NotFound);
    }
    assert_eq!(fixture.lines(before), ["ListFiles"; 5]);
}

#[test]
fn files_are_read_by_their_link() {
    let fixture = Fixture::new();
    let id = fixture.created();
    for name in ["sub/100% b.txt", "empty"] {
        let content = if name == "empty" { "" } else { "hello" };
        let added = fixture.add(&id, name, content.as_bytes()).unwrap();
        let before = fixture.fake.calls().len();
        let read = fixture.read(&id, &added.id).unwrap();
        assert_eq!(read.bytes, content.as_bytes());
        let head = read.head.unwrap();
        assert_eq!(head.size, Some(content.len() as u64));
        assert_eq!(fixture.lines(before), ["ListFiles", "GetObject"]);
    }
    let listed = fixture.files(&id).remove(0);
    assert_eq!(fixture.read(&id, &listed.id).unwrap().bytes, b"hello");
    let missing = fixture.read(&id, "other").unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[test]
fn a_download_that_breaks_off_is_an_error() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    fixture
        .fake
        .fail(Operation::GetObject, 1, tenon_fakes::Fault::CloseInAnswer);
    let mut collected = Collected::default();
    let read = fixture.run(|zenodo| zenodo.read_file(&id, "a.txt", Sink::to(&mut collected)));
    assert_eq!(read.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(collected.head.unwrap().size, Some(5));
    assert!(collected.bytes.len() < 5);
}

#[test]
fn all_files_go_one_by_one() {
    let fixture = Fixture::new();
    let id = fixture.created();
    for name in ["a", "b", "c"] {
        fixture.add(&id, name, b"1").unwrap();
    }
    let before = fixture.fake.calls().len();
    fixture.run(|zenodo| zenodo.delete_files(&id)).unwrap();
    assert_eq!(
        fixture.lines(before),
        ["ListFiles", "DeleteFile", "DeleteFile", "DeleteFile"]
    );
    assert!(fixture.kept(&id).files.is_empty());
    // Nothing is there to be done.
    fixture.run(|zenodo| zenodo.delete_files(&id)).unwrap();
}

#[test]
fn what_was_removed_before_a_failure_is_told() {
    let fixture = Fixture::new();
    let id = fixture.created();
    for name in ["a", "b", "c"] {
        fixture.add(&id, name, b"1").unwrap();
    }
    // One that somebody else removed meanwhile is no failure.
    fixture.fake.fail(
        Operation::DeleteFile,
        1,
        tenon_fakes::Fault::StatusAfter(404),
    );
    fixture
        .fake
        .fail(Operation::DeleteFile, 2, tenon_fakes::Fault::Status(503));
    let error = fixture.run(|zenodo| zenodo.delete_files(&id)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("1 of 3"), "{error}");
    assert_eq!(error.subject(), Some("b"));
    assert_eq!(fixture.fake.calls_of(Operation::DeleteFile).len(), 2);
}

#[test]
fn nothing_of_a_published_deposit_is_removed() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    fixture.run(|zenodo| zenodo.publish_project(&id)).unwrap();
    let all = fixture.run(|zenodo| zenodo.delete_files(&id));
    assert_eq!(all.unwrap_err().kind(), Kind::Denied);
    let added = fixture.add(&id, "b.txt", b"late");
    assert_eq!(added.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(fixture.kept(&id).files.len(), 1);
}
