//! The forms of `userId`, through the whole host: what arrives upstream as
//! the user and the credential.

use tenon_tests::cloud::Cloud;
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, owncloud};

use super::assert_envelope;

async fn start(system: &str) -> (Cloud, Host) {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), system, "Bearer {caller}");
    let host = Setup::new().connector("port-owncloud", &text).start().await;
    host.ready("port-owncloud").await;
    upstream.take();
    (upstream, host)
}

#[tokio::test]
async fn a_session_carries_the_credential() {
    let (upstream, host) = start("owncloud").await;
    for (user, credential) in [
        ("port-owncloud://alice:tok3n", "tok3n"),
        ("owncloud://alice:tok3n", "tok3n"),
        ("port-owncloud://:tok3n", "tok3n"),
        ("port-owncloud://None:tok3n", "tok3n"),
        ("port-owncloud://---:tok3n", "tok3n"),
        (
            "port-owncloud://alice:tok3n:with:colons",
            "tok3n:with:colons",
        ),
        ("port-OTHER://alice:tok3n", "tok3n"),
        ("port-owncloud-x://alice@cloud.example:tok3n", "tok3n"),
        ("port-owncloud://al@ice@cloud.example:tok3n", "tok3n"),
        (
            "port-owncloud://alice:https://tok3n.example",
            "https://tok3n.example",
        ),
    ] {
        let answer = host.caller("port-owncloud", user).file("a.txt").await;
        assert_eq!(answer.status, 200, "{user}: {}", answer.text());
        assert!(answer.whole);
        let seen = upstream.take();
        assert_eq!(seen.len(), 4, "{user}");
        for request in seen {
            assert_eq!(
                request.header("authorization"),
                format!("Bearer {credential}"),
                "{user}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_credential_nothing_is_asked_upstream() {
    let (upstream, host) = start("owncloud").await;
    // A session without a credential is broken off; whoever comes with a bare
    // name looks at the status and returns with a session.
    for (user, whole) in [
        ("port-owncloud://alice:", false),
        ("port-owncloud://alice:None", false),
        ("alice", true),
        ("alice@cloud.example", true),
        ("alice@", true),
        ("port-owncloud://alice", true),
        ("", true),
        ("None", true),
    ] {
        let caller = host.caller("port-owncloud", user);
        let answer = caller.file("a.txt").await;
        assert_envelope(&answer, 401, "Unauthorized");
        assert_eq!(answer.whole, whole, "{user}");
        let answer = caller.folder("/").await;
        assert_envelope(&answer, 401, "Unauthorized");
        assert!(answer.whole, "{user}");
        assert!(upstream.take().is_empty(), "{user}");
    }
}

#[tokio::test]
async fn the_user_names_the_tree_in_nextcloud() {
    let (upstream, host) = start("nextcloud").await;
    for (user, tree) in [
        ("port-owncloud://alice:tok3n", "alice"),
        ("port-owncloud://alice@cloud.example:tok3n", "alice"),
        ("port-owncloud://al@ice@cloud.example:tok3n", "al@ice"),
    ] {
        let answer = host.caller("port-owncloud", user).folder("/").await;
        assert_eq!(answer.status, 200, "{user}: {}", answer.text());
        let lines: Vec<_> = upstream.take().into_iter().map(|seen| seen.line).collect();
        assert_eq!(lines.len(), 1);
        let line = lines[0].replace("%40", "@");
        assert_eq!(line, format!("PROPFIND /remote.php/dav/files/{tree}/"));
    }
}

#[tokio::test]
async fn a_form_carries_it_as_well() {
    let (upstream, host) = start("owncloud").await;
    let caller = host.caller("port-owncloud", "port-owncloud://alice:tok3n-form");
    let answer = caller.upload("/a.txt", "content").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = upstream.take();
    assert!(
        seen.iter()
            .any(|request| request.line == "PUT /remote.php/webdav/a.txt"),
        "{seen:?}"
    );
    for request in seen {
        assert_eq!(request.header("authorization"), "Bearer tok3n-form");
    }
}
