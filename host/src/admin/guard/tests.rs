use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::admin::operator::{Operator, TokenHash};

fn router(tokens: &[(&str, &str)]) -> Router {
    let operator = |(name, token): &(&str, &str)| Operator {
        name: (*name).to_owned(),
        token: TokenHash::of(token),
    };
    let operators = Operators::new(tokens.iter().map(operator).collect());
    let who = async |Extension(operator): Extension<Actor>| operator.as_str().to_owned();
    Router::new()
        .route("/who", get(who))
        .layer(from_fn_with_state(Guard::new(operators), guard))
}

async fn ask(router: &Router, authorization: Option<&str>) -> (u16, HeaderMap, String) {
    let mut request = Request::get("/who").header(REQUEST_ID, "the-request");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let request = request.body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (head.status.as_u16(), head.headers, body)
}

fn problem(headers: &HeaderMap, body: &str) -> Value {
    assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["request_id"], "the-request");
    problem
}

#[tokio::test]
async fn an_operator_is_known_by_the_token() {
    let router = router(&[("ada", "secret-a"), ("bob", "secret-b")]);
    for (authorization, name) in [
        ("Bearer secret-a", "ada"),
        ("bearer secret-b", "bob"),
        ("Bearer  secret-b ", "bob"),
    ] {
        let (status, headers, body) = ask(&router, Some(authorization)).await;
        assert_eq!((status, body.as_str()), (200, name));
        assert_eq!(headers[REQUEST_ID], "the-request");
    }
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let router = router(&[("ada", "secret")]);
    for (authorization, challenge) in [
        (None, CHALLENGE),
        (Some("secret"), CHALLENGE),
        (Some("Basic secret"), CHALLENGE),
        (Some("Bearer "), CHALLENGE),
        (Some("Bearer Secret"), CHALLENGE_AGAIN),
        (Some("Bearer secrets"), CHALLENGE_AGAIN),
    ] {
        let (status, headers, body) = ask(&router, authorization).await;
        assert_eq!(status, 401, "{authorization:?}");
        assert_eq!(headers[WWW_AUTHENTICATE], challenge);
        let problem = problem(&headers, &body);
        assert_eq!(problem["code"], "unauthenticated");
        assert_eq!(problem["status"], 401);
        assert_eq!(problem["title"], "Unauthorized");
        assert!(!body.contains("ecret"), "{body}");
    }
}

#[tokio::test]
async fn without_operators_it_says_how_to_have_one() {
    let router = router(&[]);
    for authorization in [None, Some("Bearer secret")] {
        let (status, headers, body) = ask(&router, authorization).await;
        assert_eq!(status, 403);
        let problem = problem(&headers, &body);
        assert_eq!(problem["code"], "no-operator");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("tenon token new") && detail.contains("[[admin.operators]]"));
    }
}

#[tokio::test]
async fn wrong_tokens_run_into_a_limit_and_shut_nobody_out() {
    let router = router(&[("ada", "secret")]);
    let mut statuses = Vec::new();
    // At most one is forgiven each second; these take a fraction of it, and
    // several times as long would still not let all of them through.
    for _ in 0..60 {
        statuses.push(ask(&router, Some("Bearer wrong")).await.0);
    }
    let burst = FAILURES_BURST.get() as usize;
    assert!(statuses.iter().take(burst).all(|status| *status == 401));
    assert!(statuses.contains(&429), "{statuses:?}");
    let refused = loop {
        let answer = ask(&router, Some("Bearer wrong")).await;
        if answer.0 == 429 {
            break answer;
        }
    };
    let (_, headers, body) = refused;
    assert_eq!(problem(&headers, &body)["code"], "too-many-attempts");
    let after: u64 = headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=2).contains(&after), "{after}");
    assert_eq!(ask(&router, Some("Bearer secret")).await.0, 200);
}

#[test]
fn a_good_name_of_a_request_is_kept() {
    let name = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, value.parse().unwrap());
        request_id(&headers)
    };
    let longest = "x".repeat(128);
    for id in ["a", "4bf9-2/f:3", &longest] {
        assert_eq!(name(id), id);
    }
    for id in ["", "two words", &format!("{longest}x")] {
        assert_eq!(name(id).parse::<Uuid>().unwrap().get_version_num(), 7);
    }
}
