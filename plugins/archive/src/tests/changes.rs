//! The life of a draft.

use super::*;

#[test]
fn a_project_is_made_changed_and_removed() {
    let host = Host::new();
    let project = host.run(|archive| archive.create_project(None)).unwrap();
    assert_eq!(host.metadata(&project.id).unwrap(), project.metadata);
    Id::parse(&project.id).unwrap();

    let crate_text = crate_named("T");
    assert_eq!(host.update(&project.id, &crate_text).unwrap(), crate_text);
    assert_eq!(host.metadata(&project.id).unwrap(), crate_text);
    // Nothing given: nothing replaced.
    for nothing in [None, Some("null"), Some("{}")] {
        let kept = host.run(|archive| archive.update_project(&project.id, nothing));
        assert_eq!(kept.unwrap(), crate_text);
    }

    let file = host.add(&project.id, "sub/a b.txt", "hello").unwrap();
    assert_eq!((file.name.as_str(), file.size), ("sub/a b.txt", Some(5)));
    assert_eq!(host.read(&project.id, &file.id).unwrap(), b"hello");
    host.add(&project.id, "sub/a b.txt", "other").unwrap();
    assert_eq!(host.read(&project.id, &file.id).unwrap(), b"other");
    host.add(&project.id, "empty", "").unwrap();
    assert_eq!(host.read(&project.id, "empty").unwrap(), b"");
    assert_eq!(
        host.files(&project.id, 9).unwrap(),
        ["empty", "sub/a b.txt"]
    );

    host.delete_file(&project.id, &file.id).unwrap();
    let again = host.delete_file(&project.id, &file.id).unwrap_err();
    assert_eq!(
        (again.kind(), again.subject()),
        (Kind::NotFound, Some("sub/a b.txt"))
    );
    host.add(&project.id, "sub/deep/c", "c").unwrap();
    host.delete_files(&project.id).unwrap();
    assert_eq!(host.files(&project.id, 9).unwrap(), [""; 0]);
    assert_eq!(host.metadata(&project.id).unwrap(), crate_text);

    host.delete(&project.id).unwrap();
    host.assert_unchangeable(&project.id, Kind::NotFound);
    assert_eq!(
        host.metadata(&project.id).unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(
        host.publish(&project.id).unwrap_err().kind(),
        Kind::NotFound
    );
}

/// Tools that copy folders leave out the empty ones.
#[test]
fn without_a_gate_nothing_changes_and_nothing_seems_to() {
    let host = Host::new();
    let id = host.create();
    host.add(&id, "a", "a").unwrap();
    fs::remove_dir(host.path("drafts", "alice", &id, "gate")).unwrap();
    assert_eq!(
        host.delete_files(&id).unwrap_err().kind(),
        Kind::Unavailable
    );
    assert_eq!(host.files(&id, 9).unwrap(), ["a"]);
}

#[test]
fn what_was_given_is_kept_to_the_byte() {
    let host = Host::new();
    let odd = crate_named("\u{fc} \\\" ").replace(',', ",\n\t  ");
    let project = host
        .run(|archive| archive.create_project(Some(&odd)))
        .unwrap();
    assert_eq!(host.metadata(&project.id).unwrap(), odd);
    let stored = host.path(
        "drafts",
        "alice",
        &project.id,
        "data/ro-crate-metadata.json",
    );
    assert_eq!(fs::read_to_string(stored).unwrap(), odd);
}

#[test]
fn a_bad_crate_changes_nothing() {
    let host = Host::new();
    let id = host.create();
    let before = host.metadata(&id).unwrap();
    for bad in [
        "{\"name\":\"x\"}",
        "[]",
        "7",
        "{\"@graph\":[]}",
        "{\"@graph\":",
    ] {
        let error = host.update(&id, bad).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{bad}");
        assert!(error.message().starts_with("not an RO-Crate: "), "{error}");
        let created = host.run(|archive| archive.create_project(Some(bad)));
        assert_eq!(created.unwrap_err().kind(), Kind::Invalid, "{bad}");
        let uploaded = host.add(&id, document::NAME, bad).unwrap_err();
        assert_eq!(uploaded.kind(), Kind::Invalid, "{bad}");
        assert_eq!(uploaded.subject(), Some(document::NAME));
    }
    assert_eq!(host.metadata(&id).unwrap(), before);
    let projects = fs::read_dir(host.directory.path().join("drafts/alice")).unwrap();
    assert_eq!(projects.count(), 1);
    assert_eq!(host.staged(), [""; 0]);
}

#[test]
fn the_crate_document_can_be_uploaded_and_read_but_not_removed() {
    let host = Host::new();
    let id = host.create();
    let text = crate_named("uploaded");
    host.add(&id, document::NAME, text.clone()).unwrap();
    assert_eq!(host.metadata(&id).unwrap(), text);
    assert_eq!(host.read(&id, document::NAME).unwrap(), text.as_bytes());
    assert_eq!(host.files(&id, 9).unwrap(), [""; 0]);
    let removed = host.delete_file(&id, document::NAME).unwrap_err();
    assert_eq!(removed.kind(), Kind::Invalid);
    let huge = host.add(&id, document::NAME, vec![b' '; document::BYTES_MAX + 1]);
    assert_eq!(huge.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(host.metadata(&id).unwrap(), text);
}

#[test]
fn a_broken_upload_leaves_what_was_there() {
    let host = Host::new();
    let id = host.create();
    host.add(&id, "a.txt", "old").unwrap();
    for size in [2, 9] {
        let mut content = Reader::from_bytes("12345");
        let name = Path::new("a.txt").unwrap();
        let added = host.run(|archive| archive.add_file(&id, &name, Some(size), &mut content));
        added.unwrap_err();
    }
    let mut broken = Reader::from_read(Breaking(3), None);
    let name = Path::new("new/b.txt").unwrap();
    host.run(|archive| archive.add_file(&id, &name, None, &mut broken))
        .unwrap_err();
    assert_eq!(host.read(&id, "a.txt").unwrap(), b"old");
    assert_eq!(host.files(&id, 9).unwrap(), ["a.txt"]);
    assert_eq!(host.staged(), [""; 0]);
}

/// Some bytes, and then a failure.
struct Breaking(usize);

impl std::io::Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        self.0 -= 1;
        buffer[0] = b'x';
        Ok(1)
    }
}

#[test]
fn leftovers_of_a_day_are_swept_when_a_project_is_made() {
    let host = Host::new();
    host.create();
    let staging = host.directory.path().join("staging");
    let old = staging.join("001700000000-0123");
    fs::create_dir_all(old.join("data")).unwrap();
    fs::write(staging.join("001700000001-4567"), "x").unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let young = format!("{:012}-89ab", now.as_secs() - 60 * 60);
    fs::write(staging.join(&young), "x").unwrap();
    fs::write(staging.join("notes.txt"), "an operator's").unwrap();
    host.create();
    let mut left = host.staged();
    left.sort();
    assert_eq!(left, [young, "notes.txt".to_owned()]);
}
