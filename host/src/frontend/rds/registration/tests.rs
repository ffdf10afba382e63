//! Every answer of a token storage, given by a server of our own.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

/// What the storage does with the next request.
#[derive(Clone)]
enum Reply {
    Answer(u16, &'static str),
    Silence,
}

const ADDED: Reply = Reply::Answer(200, r#"{"success": true}"#);

#[derive(Clone, Default)]
struct Storage {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl Storage {
    async fn start(replies: impl Into<VecDeque<Reply>>) -> (Self, Base) {
        let storage = Self {
            replies: Arc::new(Mutex::new(replies.into())),
            ..Self::default()
        };
        let router = Router::new().route("/service", post(Self::serve));
        let router = router.with_state(storage.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (storage, base.parse().unwrap())
    }

    async fn serve(State(storage): State<Self>, headers: HeaderMap, body: Bytes) -> Response {
        assert_eq!(headers["content-type"], "application/json");
        let body = serde_json::from_slice(&body).unwrap();
        lock(&storage.seen).push(body);
        let reply = lock(&storage.replies).pop_front().unwrap_or(ADDED);
        match reply {
            Reply::Answer(status, body) => {
                (StatusCode::from_u16(status).unwrap(), body).into_response()
            }
            Reply::Silence => std::future::pending().await,
        }
    }

    fn seen(&self) -> Vec<Value> {
        lock(&self.seen).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client() -> reqwest::Client {
    _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn registrar(storage: Base, on_failure: OnFailure) -> (Registrar, Metrics) {
    let metrics = Metrics::new().unwrap();
    let timeout = Duration::from_millis(500);
    let registrar = Registrar::new(client(), storage, timeout, on_failure, &metrics);
    let mut registrar = registrar.unwrap();
    let quick = Backoff::new(Duration::from_millis(1), Duration::from_millis(2));
    Arc::get_mut(&mut registrar.shared).unwrap().backoff = quick;
    (registrar, metrics)
}

fn wanted(display_name: &str) -> Vec<(ConnectorId, Registration)> {
    let registration = Registration {
        service: "port-x".to_owned(),
        implements: vec![Part::FileStorage],
        display_name: display_name.to_owned(),
        description: BTreeMap::new(),
        icon: None,
        info_url: String::new(),
        help_url: String::new(),
        metadata_profile: None,
        project_link_template: String::new(),
        file_transfer_mode: TransferMode::default(),
        file_transfer_archive: Archive::default(),
        login: LoginForm::OAuth(OAuth {
            authorize_url: "https://o.example/authorize?a=b".to_owned(),
            refresh_url: "https://o.example/token".to_owned(),
            client_id: "me".to_owned(),
            client_secret: SecretString::from("tok3n"),
        }),
    };
    vec![("port-x".parse().unwrap(), registration)]
}

async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("in time");
}

fn is_registered(metrics: &Metrics) -> bool {
    metrics
        .render()
        .contains(r#"tenon_rds_registered{connector="port-x"} 1"#)
}

/// Registers against these replies, of which the last one is to succeed.
async fn registered_after(replies: &[Reply]) {
    let (storage, base) = Storage::start(replies.to_vec()).await;
    let (mut registrar, metrics) = registrar(base, OnFailure::Retry);
    registrar.update(wanted("X"));
    assert!(!is_registered(&metrics));
    until(|| is_registered(&metrics)).await;
    assert_eq!(storage.seen().len(), replies.len());
}

#[tokio::test]
async fn success_and_known_already_are_registered_at_once() {
    registered_after(&[ADDED]).await;
    let known = r#"{"success": false, "message": "ServiceExistsAlreadyError"}"#;
    registered_after(&[Reply::Answer(200, known)]).await;
    registered_after(&[Reply::Answer(409, known)]).await;
}

#[tokio::test]
async fn anything_else_is_tried_again() {
    let known = r#"{"success": false, "message": "ServiceExistsAlreadyError"}"#;
    for reply in [
        Reply::Answer(200, r#"{"success": false, "message": "BadRequest"}"#),
        Reply::Answer(200, r#"{"success": false}"#),
        Reply::Answer(200, r#"{"length": 1}"#),
        Reply::Answer(200, "<html>"),
        Reply::Answer(201, r#"{"success": true}"#),
        Reply::Answer(204, ""),
        Reply::Answer(302, ""),
        Reply::Answer(400, r#"{"success": false, "message": "BadRequest"}"#),
        Reply::Answer(404, r#"{"success": true}"#),
        Reply::Answer(500, known),
        Reply::Answer(503, ""),
        Reply::Silence,
    ] {
        registered_after(&[reply, ADDED]).await;
    }
}

#[tokio::test]
async fn a_storage_that_comes_up_late_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let base = format!("http://{address}").parse().unwrap();
    let (mut registrar, metrics) = registrar(base, OnFailure::Retry);
    registrar.update(wanted("X"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!is_registered(&metrics));
    let storage = Storage::default();
    let router = Router::new().route("/service", post(Storage::serve));
    let router = router.with_state(storage.clone());
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    until(|| is_registered(&metrics)).await;
}

#[tokio::test]
async fn only_what_is_new_or_changed_is_sent() {
    let (storage, base) = Storage::start([]).await;
    let (mut registrar, metrics) = registrar(base, OnFailure::Retry);
    registrar.update(wanted("X"));
    until(|| is_registered(&metrics)).await;
    registrar.update(wanted("X"));
    registrar.update(wanted("Y"));
    until(|| storage.seen().len() > 1 && is_registered(&metrics)).await;
    let names = storage
        .seen()
        .into_iter()
        .map(|body| body["displayName"].clone());
    assert_eq!(names.collect::<Vec<_>>(), [json!("X"), json!("Y")]);
    registrar.update(Vec::new());
    assert!(!metrics.render().contains("tenon_rds_registered"));
}

#[tokio::test]
async fn a_failure_ends_the_host_on_request() {
    let told = r#"{"description": "404: {'tok3n': 'of somebody else'}"}"#;
    let (_storage, base) = Storage::start([Reply::Answer(404, told)]).await;
    let shown = base.to_string();
    let (mut registrar, _metrics) = registrar(base, OnFailure::Exit);
    registrar.update(wanted("X"));
    let failure = registrar.unregistered().await.to_string();
    let expected = format!("`port-x` is not registered: {shown} answered 404 Not Found");
    assert_eq!(failure, expected);
}

#[tokio::test]
async fn no_failure_tells_a_secret() {
    let body = SecretString::from(r#"{"client_secret": "tok3n"}"#);
    let url: url::Url = "http://me:tok3n@127.0.0.1:1/service".parse().unwrap();
    let failure = attempt(&client(), url, &body, Duration::from_secs(5)).await;
    let text = failure.unwrap_err().to_string();
    assert!(text.contains("cannot be reached"), "{text}");
    assert!(!text.contains("tok3n"), "{text}");
}
