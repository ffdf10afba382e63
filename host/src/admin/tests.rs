use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

async fn get(status: &Status, path: &str) -> (StatusCode, String) {
    let metrics = Metrics::new().unwrap();
    metrics
        .for_connector("port-disk")
        .refused("file-store.read", "overloaded");
    let status = status.clone();
    let services = Services {
        metrics,
        status: Arc::new(move || status.clone()),
    };
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router(services).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn one_connector_that_is_not_ready_leaves_the_host_ready() {
    let mut status = Status {
        draining: false,
        connectors: vec![
            ("a".into(), None),
            ("acme/b".into(), Some("no route".into())),
        ],
    };
    let connectors =
        r#"{"a":{"status":"ready"},"acme/b":{"reason":"no route","status":"not-ready"}}"#;
    let expected = format!(r#"{{"connectors":{connectors},"status":"ready"}}"#);
    assert_eq!(
        get(&status, "/health/ready").await,
        (StatusCode::OK, expected)
    );

    status.draining = true;
    let (code, body) = get(&status, "/health/ready").await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.ends_with(r#""status":"draining"}"#), "{body}");
    let (code, _) = get(&status, "/health/live").await;
    assert_eq!(code, StatusCode::OK);
}

#[tokio::test]
async fn shows_every_series() {
    let status = Status {
        draining: false,
        connectors: Vec::new(),
    };
    let (code, page) = get(&status, "/metrics").await;
    assert_eq!(code, StatusCode::OK);
    assert!(
        page.contains("tenon_calls_total{connector=\"port-disk\"") && page.contains("process_")
    );
}
