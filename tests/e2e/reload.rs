//! Changes that a running host takes over, and those that it refuses to.

use std::time::Duration;

use tenon_tests::client::Answer;
use tenon_tests::cloud::Cloud;
use tenon_tests::host::{Host, Signal};
use tenon_tests::setup::{Setup, disk, owncloud};
use tenon_tests::wait;

/// A host with one folder as `port-disk`.
async fn start() -> Host {
    let setup = Setup::new();
    setup.write("files/a.txt", "hello");
    let text = disk(&setup.path("files"), "read-only");
    setup.connector("port-disk", &text).start().await
}

async fn status(host: &Host, connector: &str) -> u16 {
    host.caller(connector, "alice").file("a.txt").await.status
}

/// Waits until a connector answers like this.
async fn answers(host: &Host, connector: &str, expected: u16) {
    let what = format!("{connector} answers {expected}");
    wait::until(&what, async || {
        (status(host, connector).await == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn connectors_come_and_go_as_their_files_do() {
    let host = start().await;
    let text = disk(&host.setup.path("files"), "read-only");
    assert_eq!(status(&host, "port-new").await, 404);
    host.setup.write("connectors/port-new.toml", &text);
    answers(&host, "port-new", 200).await;
    assert_eq!(status(&host, "port-disk").await, 200);
    std::fs::remove_file(host.setup.path("connectors/port-disk.toml")).unwrap();
    answers(&host, "port-disk", 404).await;
    assert_eq!(status(&host, "port-new").await, 200);
}

#[tokio::test]
async fn a_signal_does_the_same() {
    let host = start().await;
    let skip = host.logs().len();
    host.signal(Signal::HUP);
    host.logged("configuration taken over", skip).await;
    assert_eq!(status(&host, "port-disk").await, 200);
}

#[tokio::test]
async fn a_listener_comes_and_goes_with_its_connector() {
    let host = start().await;
    let own = tenon_tests::address::unused();
    let text = disk(&host.setup.path("files"), "read-only");
    let text = format!("listen = '{own}'\n{text}");
    let reachable = async || tokio::net::TcpStream::connect(own).await.is_ok();
    host.setup.write("connectors/port-own.toml", &text);
    wait::until("it listens", async || reachable().await.then_some(())).await;
    let mut caller = host.caller("anything", "alice");
    caller.address = own;
    assert_eq!(caller.file("a.txt").await.text(), "hello");
    std::fs::remove_file(host.setup.path("connectors/port-own.toml")).unwrap();
    wait::until("it listens no more", async || {
        (!reachable().await).then_some(())
    })
    .await;
    assert_eq!(status(&host, "port-disk").await, 200);
}

#[tokio::test]
async fn a_listener_passes_from_one_connector_to_another() {
    let host = start().await;
    let own = tenon_tests::address::unused();
    let text = disk(&host.setup.path("files"), "read-only");
    let text = format!("listen = '{own}'\n{text}");
    host.setup.write("connectors/port-old.toml", &text);
    answers(&host, "port-old", 200).await;
    let mut caller = host.caller("anything", "alice");
    caller.address = own;
    let path = |name| host.setup.path(format!("connectors/{name}.toml"));
    std::fs::rename(path("port-old"), path("port-new")).unwrap();
    answers(&host, "port-new", 200).await;
    wait::until("it leads to the other", async || {
        assert_eq!(caller.file("a.txt").await.text(), "hello");
        let found = caller.get("/storage/openapi.json").await;
        found.text().contains("of port-new").then_some(())
    })
    .await;
    assert_eq!(status(&host, "port-old").await, 404);
}

#[tokio::test]
async fn mistakes_change_nothing_and_are_all_logged() {
    let host = start().await;
    let text = disk(&host.setup.path("files"), "read-only");
    let skip = host.logs().len();
    host.setup.write(
        "connectors/port-bad.toml",
        "plugin = 'nowhere'\ncolour = 'blue'\n",
    );
    host.signal(Signal::HUP);
    host.logged("connectors/port-bad.toml:1: plugin", skip)
        .await;
    host.logged("connectors/port-bad.toml:2: colour", skip)
        .await;
    host.logged("stays in force", skip).await;
    assert_eq!(status(&host, "port-disk").await, 200);
    assert_eq!(status(&host, "port-bad").await, 404);
    // Mended, it is taken over without a word from anybody.
    host.setup.write("connectors/port-bad.toml", &text);
    answers(&host, "port-bad", 200).await;
}

#[tokio::test]
async fn what_needs_a_restart_is_said_and_left() {
    let host = start().await;
    let text = std::fs::read_to_string(host.setup.path("host.toml")).unwrap();
    let elsewhere = tenon_tests::address::unused().to_string();
    let skip = host.logs().len();
    let text = text.replace(&host.address().to_string(), &elsewhere);
    host.setup.write("host.toml", &text);
    host.logged("rds.listen takes effect after a restart", skip)
        .await;
    assert_eq!(status(&host, "port-disk").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_ends_on_what_it_began_with() {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), "owncloud", "Bearer {caller}");
    let host = Setup::new().connector("port-cloud", &text).start().await;
    let caller = host.caller("port-cloud", "port-cloud://alice:tok3n");
    let response = caller.open_file("gated.bin").await;
    assert_eq!(response.status(), 200);
    std::fs::remove_file(host.setup.path("connectors/port-cloud.toml")).unwrap();
    answers(&host, "port-cloud", 404).await;
    upstream.open_gate();
    let answer = Answer::read(response).await;
    assert!(answer.whole);
    assert!(answer.body == Cloud::content());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_under_load() {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), "owncloud", "Key {key}");
    let setup = Setup::new();
    // A folder of its own, as deployments mount secrets.
    setup.write("secrets/key", "tok3n-old\n");
    let text = format!("{text}[[grants.secrets]]\nname = 'key'\nvalue = 'file:secrets/key'\n");
    let host = setup.connector("port-cloud", &text).start().await;
    host.ready("port-cloud").await;
    upstream.take();
    let caller = host.caller("port-cloud", "port-cloud://alice:tok3n");
    assert_eq!(caller.file("a.txt").await.status, 200);
    assert!(
        upstream
            .take()
            .iter()
            .all(|seen| seen.header("authorization") == "Key tok3n-old")
    );
    let stop = tokio::sync::watch::channel(false);
    let callers = (0..4).map(|_| {
        let (caller, stop) = (caller.clone(), stop.1.clone());
        tokio::spawn(async move {
            let mut count = 0;
            while !*stop.borrow() {
                let answer = caller.file("a.txt").await;
                assert!(answer.status == 200 && answer.whole, "{}", answer.text());
                count += 1;
            }
            count
        })
    });
    let callers: Vec<_> = callers.collect();
    wait::until("load", async || (upstream.take().len() > 8).then_some(())).await;
    host.setup.write("secrets/key", "tok3n-new\n");
    wait::until("the new secret is in use", async || {
        let seen = upstream.take();
        let new = |value: &str| value == "Key tok3n-new";
        let all = !seen.is_empty() && seen.iter().all(|seen| new(seen.header("authorization")));
        tokio::time::sleep(Duration::from_millis(100)).await;
        all.then_some(())
    })
    .await;
    _ = stop.0.send(true);
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
    assert!(
        upstream
            .take()
            .iter()
            .all(|seen| seen.header("authorization") == "Key tok3n-new")
    );
}
