//! Whatever ends in the middle leaves nothing half.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};

use super::*;

on_both!(
    a_change_that_is_not_committed_never_was,
    a_change_cut_off_anywhere_is_whole_or_absent,
    unreadable_rows_are_named,
);

async fn a_change_that_is_not_committed_never_was(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "d").await;
    let before = state(&persistence).await;
    let (mut transaction, revision) = persistence.begin().await.unwrap();
    crate::persistence::events::insert(&mut transaction, revision, event("lost"))
        .await
        .unwrap();
    drop(transaction);
    assert_unchanged(&persistence, before).await;
    // The next change takes the revision that was given back.
    assert_eq!(activate(&persistence, "a", &digest).await, revision);
}

/// Polls a future so often and no more.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|task| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(task).map(Some)
    })
    .await
}

async fn a_change_cut_off_anywhere_is_whole_or_absent(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "d").await;
    let mut finished = 0;
    for times in (0..200).chain([usize::MAX]) {
        let activated = persistence.activate("a", &digest, How::Activated, event("cut"));
        finished += usize::from(polled(times, activated).await.is_some());
        let (history, snapshot) = (
            persistence.history("a").await.unwrap(),
            persistence.snapshot().await.unwrap(),
        );
        let events = all_events(&persistence).await;
        assert_eq!(history.len() + 1, events.len(), "cut off after {times}");
        assert_eq!(snapshot.revision, events.last().unwrap().id);
        let active = snapshot.activations.get("a").map(|it| it.revision);
        assert_eq!(active, history.first().map(|past| past.revision));
        if finished > 3 {
            break;
        }
    }
    assert!(finished > 0);
}

async fn unreadable_rows_are_named(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "d").await;
    activate(&persistence, "a", &digest).await;
    execute(&persistence, "UPDATE components SET facts = '{'").await;
    let error = persistence
        .component(&digest)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("unreadable facts"), "{error}");
    let error = persistence.components().await.unwrap_err().to_string();
    assert!(error.contains("unreadable facts"), "{error}");
    execute(
        &persistence,
        "UPDATE activation_history SET how = 'by magic'",
    )
    .await;
    let error = persistence.history("a").await.unwrap_err().to_string();
    assert!(error.contains("unreadable how: `by magic`"), "{error}");
    execute(
        &persistence,
        "UPDATE events SET detail = 'x', digest = 'sha256:1'",
    )
    .await;
    let filter = Filter {
        after: 0,
        connector: None,
        max: 1,
    };
    let error = persistence.events(&filter).await.unwrap_err().to_string();
    assert!(error.contains("unreadable digest"), "{error}");
}

/// Passes connections on to a server until it is dropped.
struct Way(tokio::task::JoinHandle<()>);

impl Way {
    async fn open(from: SocketAddr, to: SocketAddr) -> Self {
        let listener = TcpListener::bind(from).await.unwrap();
        Self(tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut far = TcpStream::connect(to).await.unwrap();
                open.spawn(async move {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        }))
    }

    async fn close(self) {
        self.0.abort();
        _ = self.0.await;
    }
}

#[tokio::test]
async fn a_server_goes_and_comes_back() {
    let database = Database::postgres().await;
    let url: url::Url = database.url.parse().unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let server = tokio::net::lookup_host(host).await.unwrap().next().unwrap();
    let near = {
        let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
        unused.local_addr().unwrap()
    };
    let way = Way::open(near, server).await;
    let timeout = Duration::from_secs(2);
    let url = database.with_port(near.port());
    let persistence = Persistence::open_within(&url, timeout).await.unwrap();
    let digest = add(&persistence, "d").await;
    let (transaction, _) = persistence.begin().await.unwrap();
    assert!(persistence.is_reachable());

    way.close().await;
    drop(transaction);
    let lost = persistence.revision().await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");
    assert!(!persistence.is_reachable());
    let lost = persistence
        .activate("a", &digest, How::Activated, event("x"))
        .await;
    assert!(matches!(lost, Err(Error::Unreachable(_))), "{lost:?}");

    let _way = Way::open(near, server).await;
    assert_eq!(persistence.revision().await.unwrap(), 1);
    assert!(persistence.is_reachable());
    // Nobody holds the lock of the change that was cut off.
    assert_eq!(activate(&persistence, "a", &digest).await, 2);
}
