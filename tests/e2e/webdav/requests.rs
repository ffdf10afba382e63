//! What the server is asked: the requests that the shipped connector makes,
//! in their order, with the headers that belong to them.

use tenon_tests::apache::{ALICE, Logged};

use super::{caller, start};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn lines(logged: &[Logged]) -> Vec<String> {
    let line = |request: &Logged| format!("{} {} {}", request.line, request.depth, request.status);
    logged.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_head_propfind_head_get() {
    let (apache, host) = start().await;
    apache.store("alice", "Docs/b c.txt", b"bc");
    let base = "/remote.php/webdav";
    let alice = caller(&host, "owncloud", "alice", ALICE);
    assert_eq!(alice.file("/Docs/b c.txt").await.text(), "bc");
    let requests = apache.requests(4).await;
    assert_eq!(
        lines(&requests),
        [
            format!("HEAD {base}/Docs/b%20c.txt - 200"),
            format!("PROPFIND {base}/Docs/ 1 207"),
            format!("HEAD {base}/Docs/b%20c.txt - 200"),
            format!("GET {base}/Docs/b%20c.txt - 200"),
        ]
    );
    let alice = caller(&host, "nextcloud", "alice", ALICE);
    assert_eq!(alice.file("Docs/b c.txt").await.text(), "bc");
    let base = "/remote.php/dav/files/alice";
    assert_eq!(
        lines(&apache.requests(4).await),
        [
            format!("HEAD {base}/Docs/b%20c.txt - 200"),
            format!("PROPFIND {base}/Docs/ 1 207"),
            format!("HEAD {base}/Docs/b%20c.txt - 200"),
            format!("GET {base}/Docs/b%20c.txt - 200"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_head_and_propfind_of_each_folder() {
    let (apache, host) = start().await;
    for path in ["Docs/a.txt", "Docs/sub/d.txt", "Docs/sub/deep/e.txt"] {
        apache.store("alice", path, b"x");
    }
    let alice = caller(&host, "owncloud", "alice", ALICE);
    let listed = alice.folder("/Docs").await.files();
    assert_eq!(listed, ["a.txt", "sub/d.txt", "sub/deep/e.txt"]);
    let base = "/remote.php/webdav";
    // Apache has no page for a folder; the originals answer 200.
    let below = [
        format!("HEAD {base}/Docs/ - 404"),
        format!("PROPFIND {base}/Docs/ 1 207"),
        format!("HEAD {base}/Docs/sub/ - 404"),
        format!("PROPFIND {base}/Docs/sub/ 1 207"),
        format!("HEAD {base}/Docs/sub/deep/ - 404"),
        format!("PROPFIND {base}/Docs/sub/deep/ 1 207"),
    ];
    assert_eq!(lines(&apache.requests(6).await), below);
    // For the root only the PROPFIND.
    alice.folder("").await;
    let root = [format!("PROPFIND {base}/ 1 207")];
    assert_eq!(
        lines(&apache.requests(7).await),
        [root.as_slice(), below.as_slice()].concat()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_carries_token_trace_and_id() {
    let (apache, host) = start().await;
    apache.store("alice", "a.txt", b"a");
    let alice = caller(&host, "owncloud", "alice", ALICE)
        .with("x-request-id", "the-request")
        .with("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let answer = alice.file("a.txt").await;
    assert_eq!(answer.header("x-request-id"), "the-request");
    for request in apache.requests(4).await {
        assert_eq!(request.authorization, format!("Bearer {ALICE}"));
        assert_eq!(request.request_id, "the-request");
        let parts: Vec<_> = request.trace_parent.split('-').collect();
        assert_eq!(parts.len(), 4, "{request:?}");
        assert_eq!((parts[0], parts[1]), ("00", TRACE));
        // A place of its own in the caller's trace.
        assert_ne!(parts[2], "b7ad6b7169203331");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_makes_its_folders_and_is_one_put() {
    let (apache, host) = start().await;
    let alice = caller(&host, "owncloud", "alice", ALICE);
    // The file before the fields that say where it goes.
    let user = alice.user.clone();
    let parts = [
        ("files", Some("x"), "content"),
        ("filepath", None, "/new/n.txt"),
        ("userId", None, user.as_str()),
    ];
    let answer = alice.form(&parts).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let base = "/remote.php/webdav";
    let requests = lines(&apache.requests(3).await);
    assert_eq!(
        requests,
        [
            format!("PROPFIND {base}/new 0 404"),
            format!("MKCOL {base}/new/ - 201"),
            format!("PUT {base}/new/n.txt - 201"),
        ]
    );
    assert_eq!(alice.file("new/n.txt").await.text(), "content");
}
