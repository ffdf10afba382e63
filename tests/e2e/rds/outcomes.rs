//! What a caller is told of everything that can go wrong.

use serde_json::json;
use tenon_tests::address;
use tenon_tests::client::{self, Answer};
use tenon_tests::cloud::{Cloud, HALF};
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, hostile, owncloud};

use super::assert_envelope;

const SESSION: &str = "port-x://alice:tok3n";

async fn start(upstream: &str, rds: &str) -> Host {
    let text = owncloud(upstream, "owncloud", "Bearer {caller}");
    let limits = "[limits]\nfirst_byte_ms = 3000\nprogress_window_ms = 3000\n";
    let text = text + limits + rds;
    let setup = Setup::new().connector("port-cloud", &text);
    setup.connector("port-hostile", &hostile()).start().await
}

#[tokio::test]
async fn every_answer_from_upstream_has_its_status() {
    let upstream = Cloud::start().await;
    let whole = start(&upstream.url(), "[rds]\nbreak_error_bodies = false\n").await;
    let breaking = start(&upstream.url(), "").await;
    for (answered, status, name, retry_after) in [
        (400, 400, "BadRequest", ""),
        (401, 401, "Unauthorized", ""),
        (403, 403, "Forbidden", ""),
        (404, 404, "NotFound", ""),
        (405, 501, "NotImplemented", ""),
        (409, 409, "Conflict", ""),
        (423, 409, "Conflict", ""),
        (429, 429, "TooManyRequests", "7"),
        (500, 503, "ServiceUnavailable", "7"),
        (503, 503, "ServiceUnavailable", "7"),
        (507, 503, "ServiceUnavailable", "7"),
    ] {
        let path = format!("status-{answered}.txt");
        let answer = whole.caller("port-cloud", SESSION).file(&path).await;
        assert_envelope(&answer, status, name);
        assert!(answer.whole, "{answered}");
        assert_eq!(answer.header("retry-after"), retry_after, "{answered}");
        // The same to read, but nothing that could be taken for the file.
        let broken = breaking.caller("port-cloud", SESSION).file(&path).await;
        assert_envelope(&broken, status, name);
        assert!(!broken.whole, "{answered}");
        assert_eq!(broken.header("transfer-encoding"), "chunked");
        assert_eq!(broken.body, answer.body);
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    let host = start(&format!("http://{}", address::unused()), "").await;
    let caller = host.caller("port-cloud", SESSION);
    for answer in [caller.file("a.txt").await, caller.folder("/").await] {
        assert_envelope(&answer, 503, "ServiceUnavailable");
        assert!(!answer.header("retry-after").is_empty());
    }
    // The connector says so where probes ask, and the host stays in service.
    assert_eq!(caller.get("/health/ready").await.status, 503);
    assert_eq!(host.admin("/health/ready").await.status, 200);
    assert_eq!(caller.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn a_server_that_is_silent_breaks_the_deadline() {
    let upstream = Cloud::start().await;
    let host = start(&upstream.url(), "").await;
    let answer = host.caller("port-cloud", SESSION).file("silent.txt").await;
    assert_envelope(&answer, 504, "GatewayTimeout");
    assert!(answer.text().contains("first_byte_ms"), "{}", answer.text());
    assert!(!answer.whole);
}

#[tokio::test]
async fn a_file_that_does_not_end_well_is_broken_off() {
    let upstream = Cloud::start().await;
    let host = start(&upstream.url(), "").await;
    for path in ["half.bin", "stall.bin"] {
        let answer = host.caller("port-cloud", SESSION).file(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.whole, "{path}");
        // What was under way may be lost as well.
        let begins = Cloud::content()[..HALF].starts_with(&answer.body);
        assert!(begins, "{path}");
    }
    upstream.open_gate();
    let answer = host.caller("port-cloud", SESSION).file("gated.bin").await;
    assert!(answer.whole);
    assert!(answer.body == Cloud::content());
}

#[tokio::test]
async fn a_plugin_that_fails_is_a_bad_gateway() {
    let upstream = Cloud::start().await;
    let host = start(&upstream.url(), "").await;
    let caller = host.caller("port-hostile", "alice");
    let told = |answer: &Answer| {
        answer.json()["description"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    for (path, sentence) in [
        ("trap", "trapped"),
        ("panic", "trapped"),
        // WASI tells failure from success, and no more.
        ("exit 3", "exited with status 1"),
        ("begin-never", "without sending anything"),
    ] {
        let answer = caller.file(path).await;
        assert_envelope(&answer, 502, "BadGateway");
        assert!(
            told(&answer).contains(sentence),
            "{path}: {}",
            told(&answer)
        );
    }
    for path in ["half-then-trap", "half-then-error"] {
        let body = json!({ "filepath": path });
        let request = caller.json("GET", "/storage/file", &body);
        // An end that comes at once may take the head of the answer with it.
        if let Ok(response) = client::open(caller.address, request).await {
            let answer = Answer::read(response).await;
            assert_eq!((answer.status, answer.whole), (200, false), "{path}");
            assert!("half".starts_with(&answer.text()), "{path}");
        }
    }
    // The same sandbox, behaving.
    let answer = caller.file("exactly").await;
    assert_eq!(
        (answer.status, answer.whole, answer.text().as_str()),
        (200, true, "half")
    );
    assert_envelope(&caller.file("no such deed").await, 404, "NotFound");
}
