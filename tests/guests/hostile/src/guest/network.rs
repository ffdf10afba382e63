//! Requests to other hosts.

use super::bindings::wasi::http::outgoing_handler::handle;
use super::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingRequest, Scheme,
};
use super::bindings::wasi::io::streams::StreamError;
use super::{Deed, Error, Result, detail, number, split, unavailable};

pub(super) const DEEDS: &[Deed] = &[
    ("get", |url| get(url, &[])),
    ("follow", follow),
    ("open", open),
    ("open-one-by-one", open_one_by_one),
];

/// A request in the making.
pub(super) fn request(
    method: &Method,
    url: &str,
    headers: &[(&str, &str)],
) -> Result<OutgoingRequest> {
    let wrong = || Error::Invalid(detail(url));
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let (authority, path) = rest.split_once('/').ok_or_else(wrong)?;
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| wrong())?);
    let scheme = match scheme {
        "https" => Scheme::Https,
        _ => Scheme::Http,
    };
    request
        .set_method(method)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(&format!("/{path}"))))
        .map_err(|()| wrong())?;
    Ok(request)
}

pub(super) fn refused(code: ErrorCode) -> Error {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            Error::Denied(detail(format!("{code:?}")))
        }
        code => unavailable(format!("{code:?}")),
    }
}

/// Waits without watching for the call's end.
pub(super) fn wait(response: &FutureIncomingResponse) -> Result<IncomingResponse> {
    response.subscribe().block();
    match response.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(refused(code)),
        Some(Err(())) | None => Err(unavailable("the response was taken twice")),
    }
}

fn start(url: &str, headers: &[(&str, &str)]) -> Result<FutureIncomingResponse> {
    handle(request(&Method::Get, url, headers)?, None).map_err(refused)
}

fn text(response: &IncomingResponse) -> Result<String> {
    let taken = |()| unavailable("the body was taken twice");
    let body = response.consume().map_err(taken)?;
    let stream = body.stream().map_err(taken)?;
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => return Ok(String::from_utf8_lossy(&all).into_owned()),
            Err(error) => return Err(unavailable(format!("{error:?}"))),
        }
    }
}

pub(super) fn get(url: &str, headers: &[(&str, &str)]) -> Result<String> {
    text(&wait(&start(url, headers)?)?)
}

/// Goes wherever a server says, with no thought of who is meant to be asked.
fn follow(url: &str) -> Result<String> {
    let mut url = url.to_owned();
    loop {
        let response = wait(&start(&url, &[])?)?;
        let location = response.headers().get("location");
        match location.first() {
            Some(location) => url = String::from_utf8_lossy(location).into_owned(),
            None => return text(&response),
        }
    }
}

/// `open <count> <url>`: all at one time.
fn open(argument: &str) -> Result<String> {
    let (count, url) = split(argument);
    let open: Result<Vec<_>> = (0..number(count)?).map(|_| start(url, &[])).collect();
    for response in &open? {
        wait(response)?;
    }
    Ok(count.to_owned())
}

fn open_one_by_one(argument: &str) -> Result<String> {
    let (count, url) = split(argument);
    for _ in 0..number(count)? {
        get(url, &[])?;
    }
    Ok(count.to_owned())
}
