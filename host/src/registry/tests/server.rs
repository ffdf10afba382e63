//! A server that does what no honest registry does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;

type Answers = BTreeMap<String, Answer>;
type Answer = Box<dyn Fn(&Request) -> Response + Send + Sync>;

/// Method, path and the authorization that came along.
pub(super) type Seen = (String, Option<String>);

/// The server, until dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

/// What a server is to answer; 404 to the rest.
#[derive(Default)]
pub(super) struct Script {
    answers: Answers,
}

impl Script {
    /// Answers requests such as `GET /v2/x`, whatever their query.
    pub(super) fn on(
        mut self,
        request: impl Into<String>,
        answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.answers.insert(request.into(), Box::new(answer));
        self
    }

    pub(super) async fn serve(self) -> Server {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        let answers = Arc::new(self.answers);
        let handle = move |request: Request| {
            let line = format!("{} {}", request.method(), request.uri().path());
            let authorization = request.headers().get(AUTHORIZATION);
            let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
            let response = match answers.get(&line) {
                Some(answer) => answer(&request),
                None => status(StatusCode::NOT_FOUND, &[]),
            };
            let mut seen = record.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push((line, authorization));
            async { response }
        };
        let app = Router::new().fallback(handle);
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Server {
            address,
            seen,
            task,
        }
    }
}

impl Server {
    pub(super) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every authorization that came, once.
    pub(super) fn authorizations(&self) -> Vec<String> {
        let mut found: Vec<_> = self.seen().into_iter().filter_map(|seen| seen.1).collect();
        found.dedup();
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer without a body.
pub(super) fn status(status: StatusCode, headers: &[(&str, &str)]) -> Response {
    body(status, headers, Body::empty())
}

pub(super) fn body(
    status: StatusCode,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).unwrap()
}
