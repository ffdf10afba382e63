//! Operating a host: who may, what is answered, and what the log shows.

mod catalog;
mod commands;
mod logs;
mod requests;

use tenon_tests::client::Answer;
use tenon_tests::host::Host;
use tenon_tests::operator::{self, Operator};
use tenon_tests::setup::{Setup, hostile};
use tenon_tests::wait;

/// A host with one operator and one connector.
async fn start() -> (Host, Operator) {
    let setup = Setup::new().operator("ada");
    let host = setup.connector("port-hostile", &hostile()).start().await;
    let operator = host.operator("ada");
    (host, operator)
}

/// A refusal in its one form.
fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], "about:blank");
    let detail = problem["detail"].as_str().unwrap();
    assert!(!detail.is_empty());
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn operators_are_let_in_and_nobody_else() {
    let (host, operator) = start().await;
    let named = operator.get("/connectors").await;
    assert_eq!(named.status, 200, "{}", named.text());
    assert!(named.json().is_array());
    for token in ["", "tok3n-of-bob"] {
        let mut stranger = operator.clone();
        stranger.token = token.to_owned();
        for path in ["/connectors", "/openapi.json", "/nowhere"] {
            let refused = stranger.get(path).await;
            assert_problem(&refused, 401, "unauthenticated");
            assert!(refused.header("www-authenticate").starts_with("Bearer"));
        }
    }
    let logged = host.logged("came with a wrong token", 0).await;
    assert_eq!(logged["level"], "WARN");
    let peer = logged["peer"].as_str().unwrap();
    assert!(peer.starts_with("127."), "{logged}");
    // Probes and scrapers need no token.
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(host.admin(path).await.status, 200);
    }
    // Dropping the host looks for tokens in its log.
}

#[tokio::test]
async fn without_operators_everything_is_refused_with_the_way_out() {
    let host = Setup::new().start().await;
    for path in ["/connectors", "/openapi.json", "/nowhere"] {
        let refused = host.operator("ada").get(path).await;
        assert_problem(&refused, 403, "no-operator");
        let detail = refused.json()["detail"].to_string();
        assert!(detail.contains("tenon token new"), "{detail}");
    }
}

#[tokio::test]
async fn operators_come_and_go_with_a_reload() {
    let (host, ada) = start().await;
    let bob = host.operator("bob");
    assert_eq!(ada.get("/connectors").await.status, 200);
    let path = host.setup.path("host.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(&operator::table("ada"), &operator::table("bob"));
    host.setup.write("host.toml", &text);
    host.logged("configuration taken over", 0).await;
    assert_eq!(bob.get("/connectors").await.status, 200);
    assert_eq!(ada.get("/connectors").await.status, 401);
}

#[tokio::test]
async fn wrong_tokens_run_into_a_limit_and_shut_nobody_out() {
    let (_host, operator) = start().await;
    let mut stranger = operator.clone();
    stranger.token = "tok3n-of-bob".to_owned();
    let refused = wait::until("too many wrong tokens", async || {
        let refused = stranger.get("/connectors").await;
        (refused.status == 429).then_some(refused)
    })
    .await;
    assert_problem(&refused, 429, "too-many-attempts");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(operator.get("/connectors").await.status, 200);
}
