//! The services of an RDS installation that a host talks to: a token storage
//! that answers as it is told, and a port service that knows one user.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tenon_tests::setup::Setup;
use tokio::net::TcpListener;

/// The one user with a credential, and for which service.
pub const KNOWN: (&str, &str) = ("alice@cloud.example", "port-cloud-a");

/// The running services.
#[derive(Debug, Clone)]
pub struct Central {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    replies: VecDeque<(u16, String)>,
    registered: Vec<Value>,
    asked: Vec<(String, String)>,
}

impl Central {
    /// Starts them. The storage answers these, and then success.
    pub async fn start(replies: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(listener, replies)
    }

    /// The same, at an address where nothing was before.
    pub async fn start_at(address: SocketAddr) -> Self {
        Self::serve(TcpListener::bind(address).await.unwrap(), &[])
    }

    fn serve(listener: TcpListener, replies: &[(u16, &str)]) -> Self {
        let replies = replies.iter();
        let replies = replies.map(|(status, body)| (*status, (*body).to_owned()));
        let seen = Seen {
            replies: replies.collect(),
            ..Seen::default()
        };
        let central = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::new(Mutex::new(seen)),
        };
        let router = Router::new()
            .route("/storage/service", post(register))
            .route("/ports/user/{user}/service/{service}", get(token))
            .with_state(central.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        central
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was registered so far.
    pub fn registered(&self) -> Vec<Value> {
        self.seen().registered.clone()
    }

    /// The look-ups since the last time, by user and service.
    pub fn asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.seen().asked)
    }
}

/// A host's setup that points here.
pub fn setup(address: SocketAddr, more: &str) -> Setup {
    let setup = Setup::new()
        .variable(
            "CENTRAL_SERVICE_TOKEN_STORAGE",
            format!("http://{address}/storage/"),
        )
        .variable(
            "USE_CASE_SERVICE_PORT_SERVICE",
            format!("http://{address}/ports"),
        )
        .variable("CLIENT_SECRET", "tok3n-of-the-client");
    let path = setup.path("host.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let rds = "[rds]\ntoken_storage = { env = 'CENTRAL_SERVICE_TOKEN_STORAGE' }\n\
               port_service = { env = 'USE_CASE_SERVICE_PORT_SERVICE' }\n";
    setup.write("host.toml", &(text.replace("[rds]\n", rds) + more));
    setup
}

async fn register(State(central): State<Central>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["content-type"], "application/json");
    let mut seen = central.seen();
    seen.registered.push(serde_json::from_slice(&body).unwrap());
    let success = || (200, json!({ "success": true }).to_string());
    let (status, body) = seen.replies.pop_front().unwrap_or_else(success);
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

async fn token(
    State(central): State<Central>,
    Path((user, service)): Path<(String, String)>,
) -> Response {
    let known = (user.as_str(), service.as_str()) == KNOWN;
    central.seen().asked.push((user, service));
    if !known {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let user = json!({ "type": "User", "data": { "username": "alice" } });
    let data = json!({ "access_token": "tok3n-looked-up", "user": user, "refresh_token": "" });
    axum::Json(json!({ "type": "OAuth2Token", "data": data })).into_response()
}
