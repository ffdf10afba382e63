//! The tables of `/storage/file` and `/storage/folder`.

use serde_json::json;
use tenon_tests::client;

use super::{assert_envelope, assert_problem, host_with_files};

const FILES: [(&str, &str); 6] = [
    ("Docs/sub/deep/e.txt", "e"),
    ("Docs/sub/d.txt", "d"),
    ("Docs/b c.txt", "b"),
    ("Docs/a.txt", "hello"),
    ("Docs/100%41 #?+&ü.txt", "odd"),
    ("top.txt", "top"),
];

/// A folder's own files come before those of the folders in it.
const DOCS: [&str; 5] = [
    "100%41 #?+&ü.txt",
    "a.txt",
    "b c.txt",
    "sub/d.txt",
    "sub/deep/e.txt",
];

#[tokio::test]
async fn a_listing_is_relative_recursive_and_of_files_only() {
    let host = host_with_files(&FILES).await;
    std::fs::create_dir(host.setup.path("files/empty")).unwrap();
    let caller = host.caller("port-disk", "alice");
    for filepath in ["Docs", "/Docs", "Docs/", "/Docs/", "//Docs//", "%2FDocs"] {
        let answer = caller.folder(filepath).await;
        assert_eq!(answer.status, 200, "{filepath}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.files(), DOCS, "{filepath}");
    }
    let root = ["top.txt".to_owned()].into_iter();
    let root: Vec<_> = root
        .chain(DOCS.map(|path| format!("Docs/{path}")))
        .collect();
    for filepath in ["", "/"] {
        assert_eq!(caller.folder(filepath).await.files(), root);
    }
    // Without `filepath`, and without anything.
    for body in [json!({ "userId": "alice" }), json!({})] {
        let request = caller.json("GET", "/storage/folder", &body);
        assert_eq!(client::send(caller.address, request).await.files(), root);
    }
    let null = caller.json("GET", "/storage/folder", &json!({ "filepath": null }));
    let answer = client::send(caller.address, null).await;
    assert_problem(
        &answer,
        400,
        Some("None is not of type 'string' - 'filepath'"),
    );
    // A file, and a folder with nothing in it, list nothing.
    for filepath in ["/Docs/a.txt", "empty"] {
        let answer = caller.folder(filepath).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({ "files": [] }))
        );
    }
    assert_envelope(&caller.folder("none").await, 404, "NotFound");
}

#[tokio::test]
async fn a_file_is_sent_as_it_is() {
    let host = host_with_files(&FILES).await;
    let caller = host.caller("port-disk", "alice");
    for filepath in ["/Docs/a.txt", "Docs/a.txt", "Docs/a.txt/", "Docs%2Fa%2Etxt"] {
        let answer = caller.file(filepath).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "hello"),
            "{filepath}"
        );
        assert!(answer.whole);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("transfer-encoding"), "chunked");
        assert_eq!(answer.header("content-length"), "");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let answer = caller.file("/Docs/a.txt").await;
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=a.txt"
    );
    // Whatever a listing names can be read, as it is and encoded.
    for path in caller.folder("Docs").await.files() {
        let expected = FILES
            .iter()
            .find(|(name, _)| *name == format!("Docs/{path}"));
        let answer = caller.file(&format!("/Docs/{path}")).await;
        assert_eq!(answer.text(), expected.unwrap().1, "{path}");
    }
    assert_eq!(caller.file("/Docs/b%20c.txt").await.text(), "b");
    assert_eq!(
        caller
            .file("Docs/100%2541%20%23%3F+%26%C3%BC.txt")
            .await
            .text(),
        "odd"
    );
    assert_envelope(&caller.file("Docs").await, 400, "BadRequest");
    assert_envelope(&caller.file("").await, 400, "BadRequest");
    assert_envelope(&caller.file("none.txt").await, 404, "NotFound");
    // Nothing leads out of the granted folder.
    for filepath in [
        "../host.toml",
        "/Docs/../../host.toml",
        "%2e%2e/host.toml",
        "Docs/./a.txt",
    ] {
        let answer = caller.file(filepath).await;
        assert!(
            (400..500).contains(&answer.status),
            "{filepath}: {}",
            answer.status
        );
        assert!(!answer.text().contains("listen"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_file_is_stored_and_deleted() {
    let host = host_with_files(&FILES).await;
    let caller = host.caller("port-disk", "alice");
    let success = json!({ "success": true });
    let file = ("file", Some("x"), "content");
    let files = ("files", Some("x"), "content");
    let path = ("filepath", None, "/new/folder/n 1.txt");
    let user = ("userId", None, "alice");
    let other = ("extra", None, "ignored");
    for parts in [
        vec![path, user, files],
        vec![user, path, file],
        vec![file, path, user],
        vec![other, path, file, user],
        vec![files, path],
    ] {
        let answer = caller.form(&parts).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, success.clone()),
            "{parts:?}"
        );
        assert_eq!(caller.file("/new/folder/n 1.txt").await.text(), "content");
        let answer = caller.delete("/new/folder/n 1.txt").await;
        assert_eq!((answer.status, answer.json()), (200, success.clone()));
        assert_envelope(&caller.file("/new/folder/n 1.txt").await, 404, "NotFound");
    }
    // What is there is replaced, and a name is taken as it is written.
    assert_eq!(caller.upload("Docs/a.txt", "").await.status, 200);
    assert_eq!(caller.file("Docs/a.txt").await.text(), "");
    assert_eq!(caller.upload("a%20b.txt", "literal").await.status, 200);
    assert!(host.setup.path("files/a%20b.txt").exists());
    let answer = caller.form(&[user, file]).await;
    assert_problem(&answer, 400, Some("'filepath' is a required property"));
    let answer = caller.form(&[user, path]).await;
    assert_problem(&answer, 400, Some("'files' is a required property"));
    assert_envelope(&caller.delete("none").await, 404, "NotFound");
    assert_envelope(&caller.delete("/").await, 403, "Forbidden");
    let json = caller.json("POST", "/storage/file", &json!({ "filepath": "a" }));
    assert_problem(&client::send(caller.address, json).await, 415, None);
}

#[tokio::test]
async fn an_update_is_not_offered() {
    let host = host_with_files(&FILES).await;
    let caller = host.caller("port-disk", "alice");
    let answer = caller.operate("PATCH", "/storage/file", "top.txt").await;
    assert_envelope(&answer, 501, "NotImplemented");
    assert_eq!(caller.file("top.txt").await.text(), "top");
}

#[tokio::test]
async fn a_folder_of_many_pages_is_one_listing() {
    let host = host_with_files(&[]).await;
    let folder = host.setup.path("files/many");
    std::fs::create_dir(&folder).unwrap();
    // More than one page of the host's, and of the plugin's.
    let names: Vec<_> = (0..2500)
        .map(|number| format!("file-{number:04}"))
        .collect();
    for name in &names {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let caller = host.caller("port-disk", "alice");
    assert_eq!(caller.folder("many").await.files(), names);
}
