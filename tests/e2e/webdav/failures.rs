//! What a caller sees when the server says no, or nothing.

use tenon_tests::apache::{ALICE, Apache, BOB};
use tenon_tests::tunnel::Tunnel;

use super::{caller, host_over, start};

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_keeps_its_meaning() {
    let (apache, host) = start().await;
    apache.store("alice", "Docs/a.txt", b"a");
    apache.store("bob", "Docs/a.txt", b"b");
    for (system, user, token, filepath, status) in [
        ("owncloud", "alice", "tok3n-wrong", "Docs/a.txt", 401),
        ("nextcloud", "alice", "tok3n-wrong", "Docs/a.txt", 401),
        ("nextcloud", "bob", ALICE, "Docs/a.txt", 403),
        ("owncloud", "alice", ALICE, "Docs/none.txt", 404),
        ("owncloud", "alice", ALICE, "none/a.txt", 404),
        ("owncloud", "alice", ALICE, "Docs", 400),
        ("nextcloud", "alice", ALICE, "/Docs/", 400),
    ] {
        let caller = caller(&host, system, user, token);
        let answer = caller.file(filepath).await;
        assert_eq!(
            answer.status,
            status,
            "{system} {user} {filepath}: {}",
            answer.text()
        );
        assert!(!answer.whole);
        assert_eq!(answer.json()["http_code"], status);
        assert!(!answer.text().contains(token));
        if status != 400 {
            let answer = caller.folder(filepath).await;
            assert_eq!(
                answer.status,
                status,
                "{system} {user} {filepath}: {}",
                answer.text()
            );
        }
    }
    // A token opens its own user's tree, whatever name comes with it.
    let bob = caller(&host, "owncloud", "alice", BOB);
    assert_eq!(bob.file("Docs/a.txt").await.text(), "b");
    let answer = caller(&host, "owncloud", "alice", ALICE)
        .folder("Docs/a.txt")
        .await;
    assert_eq!((answer.status, answer.files().len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_of_a_file_breaks_the_answer() {
    let apache = Apache::start().await;
    let tunnel = Tunnel::to(apache.address).await;
    let host = host_over(&format!("http://{}", tunnel.address)).await;
    let content = vec![b'x'; 8 << 20];
    apache.store("alice", "large.bin", &content);
    let alice = caller(&host, "owncloud", "alice", ALICE);
    let answer = alice.file("large.bin").await;
    assert!(answer.whole && answer.body == content);
    tunnel.cut_after(4 << 20);
    let answer = alice.file("large.bin").await;
    assert_eq!(answer.status, 200);
    assert!(!answer.whole);
    assert!(answer.body.len() < content.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_unavailable_until_it_is_back() {
    let (apache, host) = start().await;
    apache.store("alice", "a.txt", b"a");
    let alice = caller(&host, "owncloud", "alice", ALICE);
    assert_eq!(alice.file("a.txt").await.text(), "a");
    drop(apache);
    let answer = alice.file("a.txt").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.whole);
    assert_eq!(alice.folder("/").await.status, 503);
}
