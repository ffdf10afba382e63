//! The whole router over a dispatcher that has no connector: what the contract
//! says of requests before, and apart from, what a connector does.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{ConnectorId, Limits, Options, Route, Routes, Services, Spool, default_host, router};
use crate::dispatch::{Dispatcher, Scheduler};

/// The listener of all connectors, and that of one.
const SHARED: Option<&str> = None;
const OWN: Option<&str> = Some("careful");

const JSON: (&str, &str) = ("content-type", "application/json");
const HOST: (&str, &str) = ("host", "layer1-port-disk:80");

fn dispatcher() -> Dispatcher {
    Dispatcher::new(Scheduler::new(1).unwrap())
}

fn route(id: &str, break_error_bodies: bool) -> Route {
    let connector = id.parse().unwrap();
    Route {
        hosts: default_host(&connector).into_iter().collect(),
        connector,
        options: Options {
            break_error_bodies,
            ..Options::default()
        },
    }
}

fn app(listener: Option<&str>) -> Router {
    let name = |id: Option<&ConnectorId>| id.map_or_else(|| "-".to_owned(), ToString::to_string);
    let routes = Routes::new(vec![
        route("port-disk", true),
        route("acme/disk", true),
        route("careful", false),
    ]);
    let services = Services {
        dispatcher: Arc::new(dispatcher()),
        routes: routes.unwrap(),
        limits: Limits::default(),
        spool: Spool::new(std::env::temp_dir(), 1000, 1000),
        metrics: Arc::new(move |id| format!("{:>64}", name(id))),
        readiness: Arc::new(|id| id.map(|_| ()).ok_or_else(|| "starting".to_owned())),
    };
    let only = listener.map(|id| id.parse().unwrap());
    router(services, only.as_ref())
}

async fn send(
    listener: Option<&str>,
    target: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Response {
    let (method, path) = target.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap();
    app(listener).oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

/// Whether an operation reached the dispatcher, which knows no connector.
async fn reached(response: Response, id: &str) {
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = json(response).await;
    let expected = format!("404 Not Found: there is no connector `{id}`");
    assert_eq!(body["description"], expected);
}

async fn unknown(response: Response) {
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = json(response).await;
    assert_eq!(body["error"], "NotFound");
    let description = body["description"].as_str().unwrap();
    assert!(description.starts_with("404 Not Found: The requested URL was not found"));
}

#[tokio::test]
async fn every_address_leads_to_its_connector() {
    let body = r#"{"filepath": "/a"}"#;
    for (listener, path, host, id) in [
        (SHARED, "", "layer1-port-disk", "port-disk"),
        (SHARED, "", "LAYER1-PORT-DISK:8080", "port-disk"),
        (SHARED, "/connectors/port-disk", "localhost", "port-disk"),
        (SHARED, "/connectors/acme/disk", "localhost", "acme/disk"),
        (
            SHARED,
            "/connectors/acme/disk",
            "layer1-port-disk",
            "acme/disk",
        ),
        (SHARED, "", "layer1-port-careful", "careful"),
        (OWN, "", "localhost", "careful"),
        (OWN, "", "layer1-port-disk", "careful"),
    ] {
        let target = format!("GET {path}/storage/folder?ignored=1");
        reached(
            send(listener, &target, &[JSON, ("host", host)], body).await,
            id,
        )
        .await;
    }
}

#[tokio::test]
async fn a_session_names_its_connector_where_no_address_does() {
    let local = [JSON, ("host", "localhost:8080")];
    let body = r#"{"filepath": "", "userId": "port-disk://alice:TOK"}"#;
    reached(
        send(SHARED, "GET /storage/folder", &local, body).await,
        "port-disk",
    )
    .await;
    let body = r#"{"filepath": "", "userId": "disk://alice:TOK"}"#;
    reached(
        send(SHARED, "GET /storage/folder", &local, body).await,
        "port-disk",
    )
    .await;
    // The address comes first: the name in a session is never checked.
    let body = r#"{"filepath": "", "userId": "port-careful://alice:TOK"}"#;
    reached(
        send(SHARED, "GET /storage/folder", &[JSON, HOST], body).await,
        "port-disk",
    )
    .await;
    for body in [
        r#"{"filepath": "", "userId": "port-other://alice:TOK"}"#,
        r#"{"filepath": "", "userId": "alice"}"#,
        r#"{"filepath": ""}"#,
    ] {
        unknown(send(SHARED, "GET /storage/folder", &local, body).await).await;
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_the_envelope() {
    for path in [
        "/",
        "/storage",
        "/storage/file/",
        "/storage/folder/",
        "/connectors/none/storage/file",
        "/connectors/port-disk",
        "/connectors/port-disk/",
        "/metadata",
    ] {
        unknown(send(SHARED, &format!("GET {path}"), &[HOST], "").await).await;
    }
    for (target, allowed) in [
        ("PUT /storage/file", "GET,HEAD,POST,PATCH,DELETE"),
        ("POST /storage/folder", "GET,HEAD"),
    ] {
        let response = send(SHARED, target, &[HOST], "").await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        let found = response.headers()["allow"].to_str().unwrap();
        let sorted = |list: &str| {
            let mut methods: Vec<_> = list.split(',').map(str::to_owned).collect();
            methods.sort();
            methods
        };
        assert_eq!(sorted(found), sorted(allowed));
        assert_eq!(json(response).await["error"], "MethodNotAllowed");
    }
}

#[tokio::test]
async fn every_json_operation_checks_its_body() {
    for target in [
        "GET /storage/file",
        "PATCH /storage/file",
        "DELETE /storage/file",
        "GET /storage/folder",
    ] {
        let response = send(SHARED, target, &[HOST], "").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{target}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let body = json(response).await;
        assert_eq!(body["detail"], "None is not of type 'object'");
        let response = send(SHARED, target, &[HOST], "{}").await;
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let response = send(SHARED, "HEAD /storage/file", &[HOST], "").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn an_update_has_no_content() {
    let body = r#"{"filepath": "/a"}"#;
    let response = send(SHARED, "PATCH /storage/file", &[JSON, HOST], body).await;
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
    assert_eq!(json(response).await["error"], "NotImplemented");
}

#[tokio::test]
async fn a_refused_read_breaks_for_callers_with_a_credential() {
    let target = "GET /storage/file";
    let bare = r#"{"filepath": "/a", "userId": "alice"}"#;
    let session = r#"{"filepath": "/a", "userId": "port-disk://alice:TOK"}"#;
    let malformed = r#"{"userId": "port-disk://alice:TOK"}"#;
    reached(send(SHARED, target, &[JSON, HOST], bare).await, "port-disk").await;
    // A connector may ask for ordinary answers.
    reached(send(OWN, target, &[JSON], session).await, "careful").await;
    for (host, body, status) in [
        ("layer1-port-disk", session, StatusCode::NOT_FOUND),
        ("layer1-port-disk", malformed, StatusCode::BAD_REQUEST),
        (
            "unknown",
            r#"{"filepath": "/a", "userId": "x://a:b"}"#,
            StatusCode::NOT_FOUND,
        ),
    ] {
        let response = send(SHARED, target, &[JSON, ("host", host)], body).await;
        assert_eq!(response.status(), status);
        assert!(!response.headers().contains_key("content-length"));
        assert!(response.into_body().collect().await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn old_protocols_get_no_file() {
    let request = Request::builder()
        .version(http::Version::HTTP_10)
        .uri("/storage/file")
        .header("host", HOST.1)
        .header(JSON.0, JSON.1)
        .body(Body::from(r#"{"filepath": "/a"}"#))
        .unwrap();
    let response = app(SHARED).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::HTTP_VERSION_NOT_SUPPORTED);
}

#[tokio::test]
async fn any_origin_may_call() {
    let origin = ("origin", "https://rds.example");
    let response = send(SHARED, "GET /health/live", &[origin], "").await;
    assert_eq!(response.headers()["access-control-allow-origin"], origin.1);
    let response = send(SHARED, "GET /health/live", &[], "").await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let preflight = [
        origin,
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "content-type"),
    ];
    let response = send(SHARED, "OPTIONS /storage/file", &preflight, "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["access-control-allow-origin"], origin.1);
    assert_eq!(response.headers()["access-control-allow-methods"], "DELETE");
    assert_eq!(
        response.headers()["access-control-allow-headers"],
        "content-type"
    );
}

#[tokio::test]
async fn descriptions_are_compressed_and_storage_is_not() {
    let gzip = ("accept-encoding", "gzip");
    for path in [
        "/metrics",
        "/storage/openapi.json",
        "/metadata/openapi.json",
    ] {
        let response = send(SHARED, &format!("GET {path}"), &[HOST, gzip], "").await;
        assert_eq!(response.headers()["content-encoding"], "gzip", "{path}");
        let response = send(SHARED, &format!("GET {path}"), &[HOST], "").await;
        assert!(!response.headers().contains_key("content-encoding"));
    }
    for path in ["/storage/file", "/storage/folder"] {
        let response = send(SHARED, &format!("GET {path}"), &[HOST, gzip], "").await;
        assert!(
            !response.headers().contains_key("content-encoding"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn probes_speak_of_the_addressed_connector() {
    for (listener, path, id) in [
        (SHARED, "/metrics", "-"),
        (SHARED, "/connectors/acme/disk/metrics", "acme/disk"),
        (OWN, "/metrics", "careful"),
    ] {
        let response = send(listener, &format!("GET {path}"), &[], "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await.trim(), id);
    }
    let response = send(SHARED, "GET /health/live", &[], "").await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = send(SHARED, "GET /health/ready", &[HOST], "").await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = send(SHARED, "GET /health/ready", &[], "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json(response).await["reason"], "starting");
}

#[tokio::test]
async fn the_description_knows_where_it_is_served() {
    let path = "GET /connectors/acme/disk/storage/openapi.json";
    let document = json(send(SHARED, path, &[], "").await).await;
    assert_eq!(
        document["servers"][0]["url"],
        "/connectors/acme/disk/storage"
    );
    let document = json(send(SHARED, "GET /storage/openapi.json", &[HOST], "").await).await;
    assert_eq!(document["servers"][0]["url"], "/storage");
    assert_eq!(document["info"]["title"], "File storage of port-disk");
    let document = json(send(SHARED, "GET /metadata/openapi.json", &[HOST], "").await).await;
    assert_eq!(document["servers"][0]["url"], "/metadata");
    assert_eq!(document["info"]["title"], "Repository of port-disk");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let response = send(SHARED, "GET /nowhere", &[("x-request-id", "abc")], "").await;
    assert_eq!(response.headers()["x-request-id"], "abc");
    let response = send(SHARED, "GET /nowhere", &[], "").await;
    assert_eq!(response.headers()["x-request-id"].len(), 36);
}
