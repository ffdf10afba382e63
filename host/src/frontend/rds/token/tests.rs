//! Every answer of a port service, given by a server of our own.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use super::*;

/// What the next request is answered.
#[derive(Clone, Copy)]
enum Reply {
    Answer(u16, &'static str),
    Silence,
}

/// What was asked for, in order.
type Asked = Arc<std::sync::Mutex<Vec<(String, String)>>>;

async fn start(reply: Reply) -> (Tokens, Asked) {
    let asked = Asked::default();
    let router = Router::new()
        .route("/port-service/user/{user}/service/{service}", get(serve))
        .with_state((reply, asked.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/port-service", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (tokens(&base), asked)
}

async fn serve(
    State((reply, asked)): State<(Reply, Asked)>,
    Path(names): Path<(String, String)>,
) -> Response {
    asked.lock().unwrap().push(names);
    match reply {
        Reply::Answer(status, body) => {
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        Reply::Silence => std::future::pending().await,
    }
}

fn tokens(base: &str) -> Tokens {
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    Tokens::new(client, base.parse().unwrap(), Duration::from_millis(500))
}

async fn check(status: u16, body: &'static str, expected: Option<(Option<&str>, &str)>) {
    let (tokens, asked) = start(Reply::Answer(status, body)).await;
    let user = "al/ice@cloud.example x";
    let login = tokens.credential(user, "port-owncloud-x").await.unwrap();
    let found = login.as_ref().map(|login| {
        let credential = login.credential.expose_secret();
        (login.user.as_deref(), credential)
    });
    assert_eq!(found, expected, "{status} {body}");
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked, [(user.to_owned(), "port-owncloud-x".to_owned())]);
}

#[tokio::test]
async fn both_kinds_of_tokens_are_read() {
    let oauth = r#"{"type": "OAuth2Token", "data": {"access_token": "tok3n",
        "user": {"type": "User", "data": {"username": "alice"}},
        "service": {"type": "OAuth2Service", "data": {"client_secret": ""}},
        "refresh_token": "", "expiration_date": "2024-01-01"}}"#;
    check(200, oauth, Some((Some("alice"), "tok3n"))).await;
    let login = r#"{"type": "LoginToken", "data": {"password": "tok3n",
        "user": {"type": "User", "data": {"username": "alice"}}, "service": {}}}"#;
    check(200, login, Some((Some("alice"), "tok3n"))).await;
    let nameless = r#"{"type": "LoginToken", "data": {"password": "tok3n"}}"#;
    check(200, nameless, Some((None, "tok3n"))).await;
}

#[tokio::test]
async fn every_other_answer_means_none() {
    let token = r#"{"type": "OAuth2Token", "data": {"access_token": "tok3n"}}"#;
    for status in [201, 302, 400, 401, 404, 500, 503] {
        check(status, token, None).await;
    }
    for body in [
        "",
        "null",
        "[]",
        "<html>",
        r#"{"type": "Token", "data": {}}"#,
        r#"{"type": "OAuth2Token", "data": {"access_token": ""}}"#,
        r#"{"type": "OAuth2Token", "data": {"access_token": null}}"#,
        r#"{"type": "OAuth2Token", "data": {"access_token": "None"}}"#,
    ] {
        check(200, body, None).await;
    }
}

#[tokio::test]
async fn no_answer_leaves_it_open() {
    let (silent, _) = start(Reply::Silence).await;
    for tokens in [silent, tokens("http://127.0.0.1:1/port-service")] {
        let refusal = tokens.credential("alice", "port-x").await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(refusal.headers("text/plain").contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_nobody() {
    let tokens = tokens("http://127.0.0.1:1/port-service");
    for user in ["..", ".", "", &"x".repeat(2000)] {
        assert!(tokens.credential(user, "port-x").await.unwrap().is_none());
    }
    let nobody = Tokens::default().credential("alice", "port-x").await;
    assert!(nobody.unwrap().is_none());
}
