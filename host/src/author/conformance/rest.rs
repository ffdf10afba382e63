//! The role of plugins that answer requests themselves.

use std::collections::BTreeSet;

use futures::stream;
use http_body_util::BodyExt as _;

use super::expect::{Checked, done, graceful, holds, short};
use super::report::{Outcome, passed};
use super::trial::Trial;
use crate::dispatch::rest::{Route, Routes};
use crate::dispatch::{Request, Upload};

/// A path that nothing is at.
pub(super) const NOWHERE: &str = "/tenon-conformance/nothing/at/all";

/// A request as the host passes it on.
pub(super) fn request(method: &str, path: &str, body: &'static [u8]) -> Checked<Request> {
    let body = Upload::new(stream::iter([Ok(bytes::Bytes::from_static(body))]));
    let request = http::Request::builder().method(method).uri(path);
    let request = request.header(http::header::HOST, "localhost");
    let request = request.body(body);
    request.map_err(|error| format!("{method} {path} is no request: {error}"))
}

/// The status of an answer, once its body came to its end.
async fn status(trial: &Trial, method: &str, path: &str, body: &'static [u8]) -> Checked<u16> {
    let what = format!("{method} {}", short(&path));
    let answer = trial.client.respond(request(method, path, body)?).await;
    let Some(answer) = graceful(&what, answer)? else {
        return Err(format!("{what} should be answered, not end in an error"));
    };
    let status = answer.status().as_u16();
    let read = answer.into_body().collect().await;
    read.map_err(|aborted| format!("the answer to {what} breaks off: {aborted}"))?;
    Ok(status)
}

pub(super) async fn routes(trial: &Trial) -> Outcome {
    let routes = done("routes", trial.client.call(Routes).await)?;
    let mut functions = BTreeSet::new();
    for Route {
        function,
        path,
        methods,
    } in &routes
    {
        holds(functions.insert(function), || {
            format!("two routes are called {}", short(function))
        })?;
        holds(
            path.starts_with('/') && !path.contains(char::is_control),
            || format!("the path {} does not begin with a slash", short(path)),
        )?;
        let is_method = |method: &String| http::Method::from_bytes(method.as_bytes()).is_ok();
        holds(!methods.is_empty() && methods.iter().all(is_method), || {
            format!("{} has no methods, or none of HTTP", short(path))
        })?;
    }
    passed()
}

pub(super) async fn unknown(trial: &Trial) -> Outcome {
    let found = status(trial, "GET", NOWHERE, b"").await?;
    holds((400..500).contains(&found), || {
        format!("a path that nothing is at is answered with {found}")
    })?;
    passed()
}

pub(super) async fn odd(trial: &Trial) -> Outcome {
    let long = format!("/?{}", "a=b&".repeat(2000));
    let paths = [
        "/",
        "//",
        "/%00",
        "/%ff",
        "/../..",
        "/?",
        "/?limit=x&limit=",
        "/a/%2F/?=",
        &long,
    ];
    for path in paths {
        for (method, body) in [("GET", &b""[..]), ("POST", b"\xff\0{"), ("OPTIONS", b"")] {
            let found = status(trial, method, path, body).await?;
            holds(found != 500 && found < 600, || {
                format!("{method} {} is answered with {found}", short(&path))
            })?;
        }
    }
    passed()
}
