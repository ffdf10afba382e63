//! Names every request and logs how it was answered.
//!
//! A log line tells who was asked and what came of it, and never what was
//! said: bodies hold credentials.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName};
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// Carries a request's name in both directions.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// W3C Trace Context.
const TRACE_PARENT: &str = "traceparent";

/// Longest name taken from a caller. It goes into every log line.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// `version-trace-parent-flags` in version 00.
const TRACE_PARENT_BYTES: usize = 55;

/// What a request says of itself, apart from its body.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Names the request.
    pub request_id: String,
    /// The trace that it is part of.
    pub trace_parent: Option<String>,
}

impl Origin {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let given = text(REQUEST_ID.as_str()).filter(|id| is_request_id(id));
        Self {
            request_id: given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            trace_parent: text(TRACE_PARENT)
                .filter(|parent| is_trace_parent(parent))
                .map(str::to_owned),
        }
    }
}

/// Wraps everything that is served.
pub(super) async fn log(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let origin = Origin::of(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(origin.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(&origin.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    // The original sends it to callers without an origin as well.
    headers
        .entry(ACCESS_CONTROL_ALLOW_ORIGIN)
        .or_insert(HeaderValue::from_static("*"));
    let status = response.status();
    let duration_ms = began.elapsed().as_millis();
    let request_id = origin.request_id;
    if status.is_server_error() {
        tracing::info!(%method, path, status = status.as_u16(), duration_ms, request_id, "request failed");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), duration_ms, request_id, "request answered");
    }
    response
}

fn is_request_id(text: &str) -> bool {
    (1..=REQUEST_ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_trace_parent(text: &str) -> bool {
    text.len() >= TRACE_PARENT_BYTES
        && text.len() <= REQUEST_ID_BYTES_MAX
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Origin;

    fn origin(name: &'static str, value: &str) -> Origin {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        Origin::of(&headers)
    }

    #[test]
    fn a_good_request_id_is_kept() {
        let longest = "x".repeat(128);
        for id in ["a", "4bf9-2/f:3", &longest] {
            assert_eq!(origin("x-request-id", id).request_id, id);
        }
        for id in ["", "two words", "tab\there", &format!("{longest}x")] {
            let made = origin("x-request-id", id).request_id;
            assert_eq!(made.parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
        }
    }

    #[test]
    fn a_trace_goes_on() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let kept = origin("traceparent", parent).trace_parent;
        assert_eq!(kept.as_deref(), Some(parent));
        for bad in [
            "",
            "00-0af7",
            "00-zzf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(origin("traceparent", bad).trace_parent, None);
        }
    }
}
