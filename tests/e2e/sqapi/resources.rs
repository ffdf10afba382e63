//! HTTP resources of a plugin that breaks rules: whoever asks gets an answer
//! that says so, or a connection that breaks, and the host stays well.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use tenon_tests::client::Answer;
use tenon_tests::postgres::Database;
use tenon_tests::sqapi::{Deployment, Running, Table, message};
use tenon_tests::{artefact, client, wait};

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Longest that a good neighbour may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

struct Case {
    running: Running,
    table: Table,
    _database: Database,
}

impl Case {
    async fn new() -> Self {
        let database = Database::new().await;
        let guest = artefact::guest("hostile-processor").display().to_string();
        let more = format!(
            "[config]\ndeed = 'fine'\n[limits]\ncpu_ms = 500\nfirst_byte_ms = 10000\n\
             progress_window_ms = 2000\nresponse_bytes = {ANSWER_BYTES_MAX}\n"
        );
        let running = Deployment::new()
            .postgres(&database.url())
            .processors()
            .processor("hostile", &guest, &more)
            .start()
            .await;
        running.store("a.txt", b"six by");
        Self {
            table: Table::new(&database.url()),
            running,
            _database: database,
        }
    }

    /// The plugin answers, its neighbours do, messages are done.
    async fn all_is_well(&self, after: &str) {
        let fine = tokio::time::timeout(SOON, self.running.get("/hostile/fine")).await;
        let fine = fine.expect("an answer soon");
        assert_eq!(
            (fine.status, fine.text().as_str()),
            (200, "fine"),
            "{after}"
        );
        assert_eq!(
            self.running.get("/sizes/gt/1000").await.status,
            204,
            "{after}"
        );
        assert_eq!(self.running.get("/health").await.status, 200, "{after}");
    }

    async fn messages_are_done(&self) {
        let answer = self.running.post(&message("m", "a.txt")).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let state = self.table.reaches("m", "DONE").await;
        assert_eq!(state.results["hostile"]["status"], "done");
        self.running.nothing_is_left().await;
    }
}

fn request(path: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().uri(format!("/hostile/{path}"));
    let request = request.header("host", "localhost");
    request.body(Full::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_its_answer_is_told() {
    let case = Case::new().await;
    for (path, status, details) in [
        ("trap", 502, "the plugin trapped"),
        ("spin", 502, "limit `cpu_ms`"),
        ("wait", 504, "limit `first_byte_ms`"),
        ("silent", 502, "without an answer"),
        ("return", 502, "without an answer"),
        ("error", 502, "the error ErrorCode::InternalError"),
        ("interim", 502, "an interim status"),
        ("huge-header", 502, "the plugin trapped"),
        ("many-headers", 502, "the plugin trapped"),
        ("huge-trailer", 502, "the plugin trapped"),
    ] {
        let answer = case.running.get(&format!("/hostile/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(answer.whole, "{path}: the answer breaks off");
        let body = answer.json();
        let said = body["details"].as_str().unwrap_or_default();
        assert!(said.contains(details), "{path}: {body}");
        assert!(body["reference"].is_string(), "{path}: {body}");
        case.all_is_well(path).await;
    }
    case.messages_are_done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_half_way_breaks_off() {
    let case = Case::new().await;
    for path in [
        "half-then-trap",
        "half-then-spin",
        "half-then-wait",
        "half-then-leave",
        "grow",
        "too-few",
        "too-many",
        "endless",
    ] {
        let opened = client::open(case.running.address(), request(path)).await;
        // It may break off before its head was on its way.
        if let Ok(response) = opened {
            let answer = Answer::read(response).await;
            assert!(!answer.whole, "{path} looks whole: {}", answer.text());
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.body.len() <= ANSWER_BYTES_MAX, "{path}");
        }
        case.all_is_well(path).await;
    }
    case.messages_are_done().await;
}

/// What would be a lie on the wire never gets there.
#[tokio::test(flavor = "multi_thread")]
async fn headers_are_what_they_say() {
    let case = Case::new().await;
    for (path, status) in [("split-header", 418), ("odd-status", 418)] {
        let answer = case.running.get(&format!("/hostile/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.headers);
        assert_eq!(answer.header("set-cookie"), "", "{path}");
        assert!(answer.whole, "{path}");
    }
    let answer = case.running.get("/hostile/own-framing").await;
    assert!(answer.whole && answer.body.is_empty(), "{answer:?}");
    case.all_is_well("headers").await;
}

/// A body without an end, and a reader that leaves, or that never reads.
#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_ends_with_its_reader() {
    let case = Case::new().await;
    let address = case.running.address();
    let mut leaves = client::open(address, request("slow-endless"))
        .await
        .unwrap();
    assert!(leaves.body_mut().frame().await.unwrap().is_ok());
    drop(leaves);
    let stays = client::open(address, request("endless")).await.unwrap();
    wait::until("both calls are over", async || {
        let logs = case.running.host.logs();
        let ended = logs.iter().filter(|line| {
            line["message"] == "call ended" && line["span"]["operation"] == "resources.handle"
        });
        (ended.count() >= 2).then_some(())
    })
    .await;
    drop(stays);
    case.all_is_well("endless").await;
}
