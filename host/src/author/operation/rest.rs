//! Operations of the role of plugins that answer requests themselves.

use serde_json::{Map, Value, json};

use super::{ArgumentError, Arguments, Called, Caller};
use crate::dispatch::rest::{Route, Routes};
use crate::dispatch::{Request, Response};

pub(super) async fn run(
    caller: &Caller<'_>,
    mut arguments: Arguments,
) -> Result<Called, ArgumentError> {
    if caller.verb() == "routes" {
        arguments.finish()?;
        return Ok(caller.call(Routes, shown).await);
    }
    let method = arguments.optional_text("method")?;
    let path = arguments.text("path")?;
    let headers = arguments.object("headers")?;
    let (content, size) = arguments.content()?;
    arguments.finish()?;
    let mut request = Request::new(content);
    let method = method.unwrap_or_else(|| "GET".to_owned());
    *request.method_mut() = method.parse().map_err(|_| ArgumentError::Form("method"))?;
    *request.uri_mut() = path.parse().map_err(|_| ArgumentError::Form("path"))?;
    let mut fields = http::HeaderMap::new();
    fields.insert(http::header::CONTENT_LENGTH, size.into());
    for (name, value) in &headers {
        let value = value.as_str().and_then(|value| value.parse().ok());
        let name = name.parse::<http::HeaderName>().ok();
        let (name, value) = name.zip(value).ok_or(ArgumentError::Form("headers"))?;
        fields.insert(name, value);
    }
    *request.headers_mut() = fields;
    Ok(caller.respond(request).await)
}

fn shown(routes: Vec<Route>) -> Value {
    let shown = |route: Route| {
        json!({
            "function": route.function,
            "path": route.path,
            "methods": route.methods,
        })
    };
    routes.into_iter().map(shown).collect()
}

/// The head of an answer.
pub(super) fn head(answer: &Response) -> Map<String, Value> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| json!([name.as_str(), text(value)]));
    let mut head = Map::new();
    head.insert("status".to_owned(), answer.status().as_u16().into());
    head.insert("headers".to_owned(), headers.collect());
    head
}
