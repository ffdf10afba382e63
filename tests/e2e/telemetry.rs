//! What operators learn of a call: logs, spans, figures.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::Value;
use tenon_tests::cloud::Cloud;
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, owncloud};
use tenon_tests::{address, wait};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
const SESSION: &str = "port-cloud://alice:tok3n-in-the-body";

async fn start(host: &str) -> (Cloud, Host) {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), "owncloud", "Bearer {caller}");
    let setup = Setup::new().host(host).connector("port-cloud", &text);
    let host = setup.start().await;
    host.ready("port-cloud").await;
    upstream.take();
    (upstream, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_log_line_is_json_and_a_call_names_its_request() {
    let (_upstream, host) = start("").await;
    let caller = host
        .caller("port-cloud", SESSION)
        .with("x-request-id", "the-request");
    assert_eq!(caller.file("a.txt").await.status, 200);
    assert_eq!(caller.file("status-503.txt").await.status, 503);
    assert_eq!(caller.upload("b.txt", "content").await.status, 200);
    let malformed = caller.request("GET", "/storage/file", SESSION);
    tenon_tests::client::send(caller.address, malformed).await;
    let failed = host.logged("call failed", 0).await;
    assert_eq!(failed["level"], "INFO");
    assert!(failed.to_string().contains("the-request"), "{failed}");
    assert!(failed.to_string().contains("port-cloud"), "{failed}");
    let answered = host.logged("request failed", 0).await;
    assert_eq!(answered["request_id"], "the-request");
    assert_eq!(answered["status"], 503);
    let announced = |line: &String| !line.starts_with('{');
    let logged: Vec<_> = host
        .lines()
        .into_iter()
        .filter(|line| !announced(line))
        .collect();
    for line in &logged {
        let parsed: Value = serde_json::from_str(line).unwrap();
        assert!(
            parsed["timestamp"].is_string() && parsed["level"].is_string(),
            "{line}"
        );
    }
    assert!(!logged.is_empty());
    // Dropping the host looks for credentials in all of this.
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_finest_level_no_credential_is_logged() {
    let upstream = Cloud::start().await;
    let text = owncloud(&upstream.url(), "owncloud", "Bearer {caller}");
    let setup = Setup::new().connector("port-cloud", &text);
    let path = setup.path("host.toml");
    let finest = std::fs::read_to_string(&path).unwrap();
    let finest = finest.replace("info,tenon_host=debug,guest=debug", "trace");
    setup.write("host.toml", &finest);
    let host = setup.start().await;
    let caller = host.caller("port-cloud", SESSION);
    assert_eq!(caller.file("a.txt").await.status, 200);
    assert_eq!(caller.file("status-401.txt").await.status, 401);
    assert_eq!(caller.upload("b.txt", "content").await.status, 200);
    assert!(host.logs().iter().any(|line| line["level"] == "TRACE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_upstream_without_a_collector() {
    let (upstream, host) = start("").await;
    let caller = host.caller("port-cloud", SESSION);
    let traced = caller
        .clone()
        .with("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(traced.file("a.txt").await.status, 200);
    for request in upstream.take() {
        let parent = request.header("traceparent");
        assert!(parent.starts_with(&format!("00-{TRACE}-")), "{parent}");
        assert!(
            parent.ends_with("-01") && !parent.contains(PARENT),
            "{parent}"
        );
    }
    // One that nobody began begins here.
    let answer = caller.file("a.txt").await;
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty());
    for request in upstream.take() {
        assert_eq!(request.header("traceparent").len(), 55);
        assert_eq!(request.header("x-request-id"), id);
    }
}

type Exports = Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>;

async fn collect(State(exports): State<Exports>, headers: HeaderMap, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    exports.lock().unwrap().push((headers, request));
}

fn spans(exports: &Exports) -> Vec<Span> {
    let exports = exports.lock().unwrap();
    let resources = exports
        .iter()
        .flat_map(|(_, request)| &request.resource_spans);
    let scopes = resources.flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_reach_a_collector_within_the_callers_trace() {
    let exports = Exports::default();
    let collector = address::unused();
    let app = Router::new()
        .route("/v1/traces", axum::routing::post(collect))
        .with_state(exports.clone());
    let listener = tokio::net::TcpListener::bind(collector).await.unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let (upstream, mut host) = start(&format!(
        "[telemetry.otlp]\nendpoint = 'http://{collector}'\n"
    ))
    .await;
    let caller = host.caller("port-cloud", SESSION);
    let traced = caller.with("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(traced.file("a.txt").await.status, 200);
    // What is held back goes out when the host stops.
    assert!(host.stop().await.success());
    let trace: Vec<u8> = hex(TRACE);
    let span = wait::until("a span of the call", async || {
        spans(&exports)
            .into_iter()
            .find(|span| span.trace_id == trace)
    })
    .await;
    assert_eq!(span.parent_span_id, hex(PARENT));
    assert_eq!(span.name, "file-store.read");
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    let attribute =
        |key: &str| format!("{:?}", span.attributes.iter().find(|pair| pair.key == key));
    assert!(
        attribute("connector").contains("port-cloud"),
        "{:?}",
        span.attributes
    );
    // Cloud, the trace continues from this very span.
    let child = format!("00-{TRACE}-{}-01", text(&span.span_id));
    assert!(
        upstream
            .take()
            .iter()
            .all(|seen| seen.header("traceparent") == child)
    );
    let exports = exports.lock().unwrap();
    assert_eq!(exports[0].0["content-type"], "application/x-protobuf");
    assert!(!format!("{:?}", exports.as_slice()).contains("tok3n"));
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_outcome() {
    let (_upstream, host) = start("").await;
    let caller = host.caller("port-cloud", SESSION);
    for path in ["a.txt", "b.txt", "status-404.txt"] {
        caller.file(path).await;
    }
    let text = host.admin("/metrics").await.text();
    let figure = |outcome: &str| {
        let label = format!("outcome=\"{outcome}\"");
        let mut lines = text
            .lines()
            .filter(|line| line.starts_with("tenon_calls_total{"));
        let line = lines.find(|line| line.contains(&label) && line.contains("\"file-store.read\""));
        line.and_then(|line| line.rsplit(' ').next())
            .unwrap_or("none")
            .to_owned()
    };
    assert_eq!(
        (figure("ok"), figure("not-found")),
        ("2".to_owned(), "1".to_owned()),
        "{text}"
    );
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
