//! The rules that hold at every system: which headers a client may send, where
//! a credential may be, how a body is framed, and that a call which creates
//! something is not repeated for one request.

use http::Method;

use crate::exchange::Exchange;
use crate::record::Call;

/// Everything else is undocumented. `transfer-encoding` is judged by each
/// operation, which knows what its service says to it.
const HEADERS: [&str; 12] = [
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "content-type",
    "content-length",
    "authorization",
    "connection",
    "traceparent",
    "tracestate",
    "x-request-id",
    "transfer-encoding",
];

/// The rule that a request breaks, if any.
pub(crate) fn common(exchange: &Exchange, has_users: bool, secrets: &[String]) -> Option<String> {
    headers(exchange, has_users)
        .or_else(|| placement(exchange, secrets))
        .or_else(|| body(exchange))
}

fn headers(exchange: &Exchange, has_users: bool) -> Option<String> {
    for name in exchange.headers.keys() {
        let known = HEADERS.contains(&name.as_str());
        if !known || (!has_users && name == http::header::AUTHORIZATION) {
            return Some(format!("undocumented header `{name}`"));
        }
        if exchange.headers.get_all(name).iter().count() > 1 {
            return Some(format!("header `{name}` more than once"));
        }
        if exchange.header(name.as_str()).is_none() {
            return Some(format!("header `{name}` is not text"));
        }
    }
    let accept = exchange.header("accept").unwrap_or("*/*");
    let accepted = ["*/*", "application/*", "json"];
    if !accepted.iter().any(|part| accept.contains(part)) {
        return Some(format!("`accept: {accept}` excludes JSON"));
    }
    if exchange.is_chunked() && exchange.headers.contains_key("content-length") {
        return Some("both a length and chunks".into());
    }
    None
}

/// Bodies are searched where they are read.
fn placement(exchange: &Exchange, secrets: &[String]) -> Option<String> {
    let Some(query) = &exchange.query else {
        return Some("a query that cannot be decoded".into());
    };
    for secret in secrets {
        if exchange.path.contains(secret.as_str()) {
            return Some("a token in the path".into());
        }
        if query
            .iter()
            .any(|pair| pair.0.contains(secret.as_str()) || pair.1.contains(secret.as_str()))
        {
            return Some("a token in the query".into());
        }
        let held = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            name != http::header::AUTHORIZATION
                && value
                    .to_str()
                    .is_ok_and(|value| value.contains(secret.as_str()))
        };
        if exchange.headers.iter().any(held) {
            return Some("a token in a header other than `authorization`".into());
        }
    }
    None
}

fn body(exchange: &Exchange) -> Option<String> {
    let bodiless = [Method::GET, Method::DELETE].contains(&exchange.method);
    if bodiless && exchange.has_body() {
        return Some(format!("a body on {}", exchange.method));
    }
    None
}

/// A creating call whose request has already made one like it. Only a 4xx
/// tells a client for sure that nothing was made.
pub(crate) fn repetition(exchange: &Exchange, creates: bool, calls: &[Call]) -> Option<String> {
    let id = exchange.header("x-request-id")?;
    let line = format!("{} {}", exchange.method, exchange.path);
    let same = |call: &Call| {
        let refused = call
            .status
            .is_some_and(|status| (400..500).contains(&status));
        call.header("x-request-id") == id && call.line() == line && !refused
    };
    let earlier = calls.get(..exchange.number)?;
    (creates && earlier.iter().any(same)).then(|| "a creating call repeated for one request".into())
}
