//! The tables of `/metadata`, through the whole router, over plugins in memory.

mod files;
mod passive;
mod project;
mod upload;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::dispatch::testing::{Shelf, dispatcher};
use crate::frontend::rds::{
    Limits, Options, Route, Routes, Services, Spool, Tokens, default_host, router,
};

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=XX");
const URLENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A session body, as every caller sends it.
const SESSION: &str = r#"{"userId": "port-shelf://alice:TOK"}"#;

/// A host with a repository, two stores, and another tenant's store.
struct Rig {
    /// The repository, `port-shelf`.
    shelf: Shelf,
    /// The store, `port-files`.
    store: Shelf,
    spool: Spool,
    limits: Limits,
    options: Options,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether the body ended well.
    whole: bool,
}

impl Rig {
    fn new() -> Self {
        Self {
            shelf: Shelf::default(),
            store: Shelf::default(),
            spool: Spool::new(std::env::temp_dir(), 1000, 1000),
            limits: Limits::default(),
            options: Options::default(),
        }
    }

    /// With one project, `7`.
    fn with_project() -> Self {
        Self {
            shelf: Shelf::default().with_project("7", r#"{"title": "T", "state": "draft"}"#),
            ..Self::new()
        }
    }

    fn app(&self) -> Router {
        let other = Shelf::default().with_file("Docs/secret", "of another tenant");
        let plugins = [
            ("port-shelf", &self.shelf),
            ("port-files", &self.store),
            ("acme/port-theirs", &other),
            ("acme/port-shelf", &self.shelf),
        ];
        let route = |id: &str| {
            let connector = id.parse().unwrap();
            Route {
                hosts: default_host(&connector).into_iter().collect(),
                connector,
                options: self.options.clone(),
            }
        };
        let routes = plugins.iter().map(|(id, _)| route(id)).collect();
        let services = Services {
            dispatcher: Arc::new(dispatcher(&plugins)),
            routes: Routes::new(routes).unwrap(),
            limits: self.limits.clone(),
            spool: self.spool.clone(),
            tokens: Tokens::default(),
            metrics: Arc::new(|_| String::new()),
            readiness: Arc::new(|_| Ok(())),
        };
        router(services, None)
    }

    async fn send(&self, target: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let (method, path) = target.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "layer1-port-shelf");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.app().oneshot(request).await.unwrap();
        let (head, mut body) = response.into_parts();
        let mut answer = Answer {
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
            whole: true,
        };
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                answer.whole = false;
                break;
            };
            answer.body.extend_from_slice(frame.data_ref().unwrap());
        }
        answer
    }

    /// A request with a JSON body.
    async fn ask(&self, target: &str, body: &str) -> Answer {
        self.send(target, &[JSON], body.to_owned()).await
    }

    fn asked(&self) -> Vec<String> {
        self.shelf.contents().asked.clone()
    }
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn is(&self, status: u16, body: Value) {
        assert_eq!((self.status.as_u16(), self.json()), (status, body));
    }

    fn is_problem(&self, status: u16, detail: &str) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.json()["detail"], detail);
        assert_eq!(self.json()["status"], status);
    }

    fn is_envelope(&self, status: u16, name: &str) {
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.json()["error"], name);
        assert_eq!(self.json()["http_code"], status);
        let description = self.json()["description"].as_str().unwrap().to_owned();
        assert!(
            description.starts_with(&format!("{status} ")),
            "{description}"
        );
    }
}

/// The operations that have a JSON body.
const JSON_OPERATIONS: [&str; 10] = [
    "GET /metadata/project",
    "POST /metadata/project",
    "GET /metadata/project/7",
    "PATCH /metadata/project/7",
    "PUT /metadata/project/7",
    "DELETE /metadata/project/7",
    "GET /metadata/project/7/files",
    "GET /metadata/project/7/files/f0",
    "PATCH /metadata/project/7/files/f0",
    "DELETE /metadata/project/7/files/f0",
];

#[tokio::test]
async fn every_json_operation_checks_its_body() {
    let rig = Rig::with_project();
    for target in JSON_OPERATIONS {
        let answer = rig.send(target, &[], "").await;
        answer.is_problem(400, "None is not of type 'object'");
        let answer = rig.send(target, &[], "{}").await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        for (body, detail) in [
            ("{", "Request body is not valid JSON"),
            ("[1]", "[1] is not of type 'object'"),
            (r#"{"userId": 5}"#, "5 is not of type 'string' - 'userId'"),
            (
                r#"{"userId": null}"#,
                "None is not of type 'string' - 'userId'",
            ),
        ] {
            rig.ask(target, body).await.is_problem(400, detail);
        }
    }
    assert_eq!(rig.asked(), [""; 0]);
}

#[tokio::test]
async fn metadata_is_an_object_or_null_or_missing() {
    let rig = Rig::with_project();
    for target in [
        "GET /metadata/project",
        "POST /metadata/project",
        "GET /metadata/project/7",
        "PATCH /metadata/project/7",
    ] {
        for body in [
            SESSION.to_owned(),
            r#"{"metadata": null, "userId": "alice"}"#.to_owned(),
            r#"{"metadata": {}, "further": [1]}"#.to_owned(),
        ] {
            let answer = rig.ask(target, &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{target} {body}");
        }
        let rule = if target.starts_with("PATCH") {
            "valid under any of the given schemas"
        } else {
            "of type 'object'"
        };
        for (value, printed) in [
            ("5", "5"),
            ("\"x\"", "'x'"),
            ("[]", "[]"),
            ("false", "False"),
        ] {
            let body = format!(r#"{{"metadata": {value}, "userId": 5}}"#);
            let detail = format!("{printed} is not {rule} - 'metadata'");
            rig.ask(target, &body).await.is_problem(400, &detail);
        }
    }
}

#[tokio::test]
async fn every_outcome_has_its_status_and_a_json_body() {
    let rig = Rig::new();
    for (outcome, status, name) in [
        ("invalid", 400, "BadRequest"),
        ("unauthenticated", 401, "Unauthorized"),
        ("denied", 403, "Forbidden"),
        ("not-found", 404, "NotFound"),
        ("conflict", 409, "Conflict"),
        ("unsupported", 501, "NotImplemented"),
        ("rate-limited", 429, "TooManyRequests"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("internal", 502, "BadGateway"),
    ] {
        for operation in ["GET", "PATCH", "PUT", "DELETE"] {
            let target = format!("{operation} /metadata/project/error-{outcome}");
            let answer = rig.ask(&target, SESSION).await;
            answer.is_envelope(status, name);
            let waits = matches!(status, 429 | 503);
            assert_eq!(answer.header("retry-after"), if waits { "2" } else { "" });
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_the_envelope() {
    let rig = Rig::with_project();
    for target in [
        "GET /metadata",
        "GET /metadata/",
        "GET /metadata/project/",
        "POST /metadata/project/",
        "GET /metadata/project/7/",
        "GET /metadata/project/7/files/",
        "GET /metadata/project//files",
        "GET /metadata/project/7/files//x",
        "GET /metadata/project/%FF",
        "GET /metadata/project/7/files/%FF",
        "GET /informations",
    ] {
        rig.ask(target, SESSION).await.is_envelope(404, "NotFound");
    }
    for target in [
        "PUT /metadata/project",
        "DELETE /metadata/project",
        "POST /metadata/project/7",
        "PUT /metadata/project/7/files",
        "POST /metadata/project/7/files/f0",
        "POST /metadata/openapi.json",
    ] {
        let answer = rig.ask(target, SESSION).await;
        answer.is_envelope(405, "MethodNotAllowed");
    }
    let local = [JSON, ("host", "localhost")];
    let answer = rig
        .send("GET /metadata/project/7", &local, r#"{"userId": "alice"}"#)
        .await;
    answer.is_envelope(404, "NotFound");
    // A session leads where no address does.
    let answer = rig.send("GET /metadata/project/7", &local, SESSION).await;
    answer.is(200, json!({ "title": "T", "state": "draft" }));
    let prefixed = "GET /connectors/acme/port-shelf/metadata/project/7";
    let answer = rig.send(prefixed, &local, SESSION).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_crate_of_many_entities_passes_and_has_a_limit() {
    let rig = Rig::with_project();
    let crate_of = |entities: usize| {
        let graph: Vec<_> = (0..entities)
            .map(|number| json!({ "@id": format!("data/file-{number}.dat"), "@type": "File" }))
            .collect();
        json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph })
    };
    let metadata = crate_of(30_000);
    let body = json!({ "userId": "alice", "metadata": metadata }).to_string();
    assert!(body.len() > 1 << 20);
    let answer = rig.ask("PATCH /metadata/project/7", &body).await;
    answer.is(200, metadata);
    let body = " ".repeat(9 << 20);
    let answer = rig.ask("PATCH /metadata/project/7", &body).await;
    answer.is_envelope(413, "RequestEntityTooLarge");
}
