//! The rules that hold at every system: which headers a client may send, where
//! a credential may be, how a body is framed, and that a call which makes something
//! is not repeated blindly for one request.

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

/// Whether a call may be repeated while it is not known what became of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Repeat {
    /// It does no harm.
    Free,
    /// It makes a second thing.
    Never,
    /// Only if the client has looked meanwhile: has read the resource, whose
    /// path is that of the call without this end, or the call's own path.
    Informed(&'static str),
}

/// A call that its request has made before. Only a 4xx tells a client for
/// sure that nothing came of it.
pub(crate) fn repetition(exchange: &Exchange, repeat: Repeat, calls: &[Call]) -> Option<String> {
    let id = exchange.header("x-request-id")?;
    let line = format!("{} {}", exchange.method, exchange.path);
    let earlier = calls.get(..exchange.number)?;
    let of_request = |call: &&Call| call.header("x-request-id") == id;
    let open = |call: &Call| {
        !call
            .status
            .is_some_and(|status| (400..500).contains(&status))
    };
    let last = earlier
        .iter()
        .rposition(|call| of_request(&call) && call.line() == line && open(call))?;
    match repeat {
        Repeat::Free => None,
        Repeat::Never => Some("a creating call repeated for one request".into()),
        Repeat::Informed(end) => {
            let path = exchange.path.as_str();
            let resource = path.strip_suffix(end).unwrap_or(path);
            let looked = |call: &Call| {
                let read = call.method == Method::GET && call.status == Some(200);
                read && [path, resource].contains(&call.path.as_str())
            };
            let informed = earlier[last..].iter().filter(of_request).any(looked);
            (!informed).then(|| "a call repeated without a look at what became of it".into())
        }
    }
}
