//! What files and projects may be called.

use super::*;

#[test]
fn names_come_back_as_they_were_given() {
    let host = Host::new();
    let id = host.create();
    let names = [
        " ",
        "...",
        ".hidden/.x",
        "100%25.txt",
        "a",
        "a b/c d.txt",
        "back\\slash",
        "bagit.txt",
        "manifest-sha256.txt",
        "ro-crate-preview.html",
        "sub/ro-crate-metadata.json",
        "\u{fc}bersicht/\u{1f600}.txt",
    ];
    for name in names {
        let file = host.add(&id, name, name).unwrap();
        assert_eq!((file.name.as_str(), file.id.as_str()), (name, name));
    }
    for state in ["draft", "published"] {
        let mut listed = host.files(&id, 5).unwrap();
        listed.sort();
        assert_eq!(listed, names, "{state}");
        for name in names {
            assert_eq!(host.read(&id, name).unwrap(), name.as_bytes(), "{state}");
        }
        host.publish(&id).unwrap();
    }
}

#[test]
fn names_that_could_do_harm_are_refused() {
    let host = Host::new();
    let id = host.create();
    let long = "x".repeat(256);
    let deep = "d/".repeat(100) + "x";
    let wide = "0123456789/".repeat(200);
    for name in [
        "",
        "line\nbreak",
        "a/\r",
        "tab\t",
        ".tenon-1.partial",
        ".tenon-1.partial/a",
        &long,
        &deep,
        &wide,
    ] {
        let error = host.add(&id, name, "x").unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{name:?}");
        for found in [
            host.read(&id, name).err(),
            host.delete_file(&id, name).err(),
        ] {
            assert_eq!(found.unwrap().kind(), Kind::NotFound, "{name:?}");
        }
    }
    for id_only in [
        "..",
        "../a",
        "/a",
        "a/",
        "a/../a",
        "a//b",
        "\0",
        "data/../../x",
    ] {
        let error = host.read(&id, id_only).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{id_only:?}");
        let error = host.delete_file(&id, id_only).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{id_only:?}");
    }
    assert_eq!(host.staged(), [""; 0]);
}

#[test]
fn a_file_and_a_folder_cannot_share_a_name() {
    let host = Host::new();
    let id = host.create();
    host.add(&id, "a", "file").unwrap();
    host.add(&id, "b/c", "file").unwrap();
    for name in ["a/b", "a/b/c", "b"] {
        let error = host.add(&id, name, "x").unwrap_err();
        assert_eq!(
            (error.kind(), error.subject()),
            (Kind::Conflict, Some(name))
        );
    }
    assert_eq!(host.read(&id, "b").unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        host.delete_file(&id, "b").unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(host.files(&id, 9).unwrap(), ["a", "b/c"]);
    assert_eq!(host.staged(), [""; 0]);
}

#[test]
fn only_a_random_uuid_names_a_project() {
    let host = Host::new();
    let id = host.create();
    let upper = id.to_uppercase();
    let (braced, plain) = (format!("{{{id}}}"), id.replace('-', ""));
    let urn = format!("urn:uuid:{id}");
    let other = Id::random().to_string();
    for text in [
        "",
        ".",
        "..",
        "../alice",
        "/",
        &upper,
        &braced,
        &plain,
        &urn,
        &format!("{id}/data"),
        &format!("{id}\0"),
        "00000000-0000-0000-0000-000000000000",
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",
        &other,
    ] {
        assert_eq!(
            host.metadata(text).unwrap_err().kind(),
            Kind::NotFound,
            "{text:?}"
        );
        assert_eq!(
            host.publish(text).unwrap_err().kind(),
            Kind::NotFound,
            "{text:?}"
        );
        assert_eq!(
            host.files(text, 9).unwrap_err().kind(),
            Kind::NotFound,
            "{text:?}"
        );
        let read = host.read(text, "a").unwrap_err();
        assert_eq!((read.kind(), read.subject()), (Kind::NotFound, Some(text)));
        host.assert_unchangeable(text, Kind::NotFound);
    }
    // Asking for what is not there leaves nothing behind.
    let mut folders: Vec<_> = fs::read_dir(host.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    folders.sort();
    assert_eq!(folders, ["drafts", "staging"]);
}
