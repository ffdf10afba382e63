//! A plugin's routes as the exports of the role `rest`.

use super::Component;
use crate::{
    Error, Result,
    export::Shared,
    rest::{self, BODY_MAX, Request, Response, Rest},
    wasm::{
        bindings::{
            rest::exports::{
                tenon::connector::resources, wasi::http::incoming_handler::Guest as IncomingHandler,
            },
            wasi::http::types::{
                Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse,
                ResponseOutparam,
            },
        },
        stream::{Input, Output},
    },
};

/// As much as the host hands over in one call.
const CHUNK: usize = 64 * 1024;

impl<P: Shared + Rest> resources::Guest for Component<P> {
    fn routes() -> Vec<resources::Route> {
        let routes = P::routes().into_iter();
        routes
            .map(|route| resources::Route {
                function: route.function().to_owned(),
                path: route.path().to_owned(),
                methods: route
                    .methods()
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect(),
            })
            .collect()
    }
}

impl<P: Shared + Rest> IncomingHandler for Component<P> {
    fn handle(request: IncomingRequest, into: ResponseOutparam) {
        let response = match receive(&request) {
            Ok(request) => rest::answer(P::shared(), request),
            Err(response) => response,
        };
        drop(request);
        if let Err(error) = send(&response, into) {
            // A client that is gone is no fault, and nobody is left to tell.
            crate::debug!("a response was not taken: {error}");
        }
    }
}

fn receive(incoming: &IncomingRequest) -> Result<Request, Response> {
    let path = incoming.path_with_query();
    let headers = incoming.headers().entries().into_iter();
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    let request = Request::new(method(&incoming.method()), path.as_deref().unwrap_or("/"))
        .with_headers(headers.map(|(name, value)| (name, text(value))));
    let body = incoming
        .consume()
        .map_err(|()| Response::server_failure("the request's body is taken"))?;
    Ok(request.with_body(read(&body)?))
}

fn read(body: &IncomingBody) -> Result<Vec<u8>, Response> {
    let stream = body
        .stream()
        .map_err(|()| Response::server_failure("the request's stream is taken"))?;
    let mut input = Input::owned(stream);
    let mut all = Vec::new();
    loop {
        let chunk = input.chunk(CHUNK)?;
        if chunk.is_empty() {
            return Ok(all);
        }
        if all.len() + chunk.len() > BODY_MAX {
            let details = format!("a body has {BODY_MAX} bytes at most");
            return Err(Response::failure(413, &details));
        }
        all.extend_from_slice(&chunk);
    }
}

/// Hands over the head first: a body that is written before waits for a reader that never comes.
fn send(response: &Response, into: ResponseOutparam) -> Result<()> {
    let content = response.body();
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_bytes().to_vec()))
        .collect();
    if !content.is_empty() {
        let length = content.len().to_string();
        headers.push(("content-length".to_owned(), length.into()));
    }
    let headers = Fields::from_list(&headers)
        .map_err(|error| Error::internal(format!("a header is refused: {error:?}")))?;
    let outgoing = OutgoingResponse::new(headers);
    let refused = |()| Error::internal("a response is refused");
    outgoing
        .set_status_code(response.status())
        .map_err(refused)?;
    let body = outgoing.body().map_err(refused)?;
    ResponseOutparam::set(into, Ok(outgoing));
    let mut output = Output::new(body.write().map_err(refused)?);
    output.write_all(content)?;
    drop(output);
    OutgoingBody::finish(body, None)
        .map_err(|code| Error::unavailable(format!("the body was cut: {code:?}")))
}

fn method(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => name,
    }
}
