//! How a host stops: it lets calls finish, for as long as it was told to.

use http::Response;
use hyper::body::Incoming;
use tenon_tests::client::{self, Answer};
use tenon_tests::cloud::{Cloud, HALF};
use tenon_tests::host::{Host, Signal};
use tenon_tests::setup::{Setup, owncloud};
use tenon_tests::wait;

/// A host with a download half-way through.
async fn start(timeout_ms: u64) -> (Cloud, Host, Response<Incoming>) {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), "owncloud", "Bearer {caller}");
    let setup = Setup::new().host(&format!("[drain]\ntimeout_ms = {timeout_ms}\n"));
    let host = setup.connector("port-cloud", &text).start().await;
    let caller = host.caller("port-cloud", "port-cloud://alice:tok3n");
    let response = caller.open_file("gated.bin").await;
    assert_eq!(response.status(), 200);
    (upstream, host, response)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_in_progress_is_finished_and_none_begun() {
    let (upstream, mut host, response) = start(600_000).await;
    let skip = host.logs().len();
    host.signal(Signal::TERM);
    host.logged("draining", skip).await;
    // Whoever comes now is turned away: by a closed door, or by a status.
    wait::until("the host takes no more", async || {
        let caller = host.caller("port-cloud", "port-cloud://alice:tok3n");
        let request = caller.request("GET", "/health/ready", "");
        let answered = client::open(host.address(), request).await;
        answered
            .map_or(true, |answer| answer.status() == 503)
            .then_some(())
    })
    .await;
    // Orchestrators still see a host that lives, and is not to be sent to.
    assert_eq!(host.admin("/health/live").await.status, 200);
    assert_eq!(host.admin("/health/ready").await.status, 503);
    upstream.open_gate();
    let answer = Answer::read(response).await;
    assert!(answer.whole);
    assert!(answer.body == Cloud::content());
    assert_eq!(host.ended().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_takes_too_long_is_broken_off() {
    let (_upstream, mut host, response) = start(200).await;
    host.signal(Signal::TERM);
    let answer = Answer::read(response).await;
    assert!(!answer.whole);
    assert!(answer.body.len() <= HALF);
    assert_eq!(host.ended().await.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_stops_at_once() {
    let (_upstream, mut host, response) = start(600_000).await;
    let skip = host.logs().len();
    host.signal(Signal::TERM);
    host.logged("draining", skip).await;
    host.signal(Signal::TERM);
    let answer = Answer::read(response).await;
    assert!(!answer.whole);
    assert_eq!(host.ended().await.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_host_stops_at_once() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut host = Setup::new().start().await;
        host.signal(signal);
        assert_eq!(host.ended().await.code(), Some(0));
    }
}
