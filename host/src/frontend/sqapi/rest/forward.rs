//! Requests to a plugin's own resources, below its name.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use futures::StreamExt as _;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Response, Uri};
use uuid::Uuid;

use super::problem::Problem;
use crate::dispatch::{Aborted, Call, Upload};
use crate::frontend::sqapi::Pipeline;

/// Tells a plugin below what its paths are (a convention of reverse proxies).
const PREFIX: &str = "x-forwarded-prefix";
/// Of one connection, and none of the plugin's business (RFC 9110, section
/// 7.6.1).
const OF_THE_CONNECTION: [http::HeaderName; 4] = [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE];

pub(super) async fn forward(
    State(pipeline): State<Arc<Pipeline>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let path = request.uri().path().to_owned();
    let (plugin, below) = split(&path);
    let mut processors = pipeline.processors.iter();
    let processor = processors.find(|processor| processor.name() == plugin);
    let started = processor.and_then(|processor| processor.started());
    // What it does not list, it may answer all the same.
    let (Some(processor), Some(_)) = (processor, started) else {
        return Err(Problem::not_found(&path));
    };
    let uri = relative(below, request.uri().query());
    let uri = uri.ok_or_else(|| Problem::not_found(&path))?;
    let (mut parts, body) = request.into_parts();
    parts.uri = uri;
    clean(&mut parts.headers);
    if let Ok(prefix) = format!("/{plugin}").parse() {
        parts.headers.insert(PREFIX, prefix);
    }
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    let upload = Upload::new(
        body.into_data_stream()
            .map(|chunk| chunk.map_err(|error| Aborted::new(error.to_string()))),
    );
    let call = Call::of_host(processor.connector().clone(), Uuid::now_v7().to_string());
    let request = http::Request::from_parts(parts, upload);
    let answer = pipeline.dispatcher.respond(call, request).await?;
    let (mut parts, body) = answer.into_parts();
    OF_THE_CONNECTION.map(|name| parts.headers.remove(name));
    Ok(Response::from_parts(parts, Body::new(body)))
}

/// The plugin's name, and the path below it.
fn split(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let end = path.find('/').unwrap_or(path.len());
    path.split_at(end)
}

fn relative(path: &str, query: Option<&str>) -> Option<Uri> {
    let path = if path.is_empty() { "/" } else { path };
    let uri = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    uri.parse().ok()
}

fn clean(headers: &mut HeaderMap) {
    OF_THE_CONNECTION.map(|name| headers.remove(name));
    // Components ask for an authority, which HTTP/2 callers put elsewhere.
    if !headers.contains_key(HOST) {
        headers.insert(HOST, http::HeaderValue::from_static("localhost"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_with_the_plugins_name() {
        assert_eq!(split("/sizes/uuid/a"), ("sizes", "/uuid/a"));
        assert_eq!(split("/sizes"), ("sizes", ""));
        assert_eq!(split("/"), ("", ""));
        assert_eq!(relative("", Some("a=b")).unwrap().to_string(), "/?a=b");
    }
}
