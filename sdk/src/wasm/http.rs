//! HTTP over `wasi:http`.

use super::{
    bindings::wasi::{
        http::{
            outgoing_handler,
            types::{
                ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody,
                OutgoingRequest, Scheme, http_error_code,
            },
        },
        io::error::Error as IoError,
    },
    stream::{Input, Output, Stop, copy_unless},
    wait::Wait,
};
use crate::{
    Error, Kind, Result,
    http::{Payload, Wire},
    transfer::{Reader, stream_too_short},
};

/// A response as the host holds it.
pub(crate) struct Answer(IncomingResponse);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status()
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let entries = self.0.headers().entries();
        let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
        entries
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), text(value)))
            .collect()
    }

    pub(crate) fn into_body(self) -> Result<Input<'static>> {
        let body = self.0.consume().map_err(|()| taken("response's body"))?;
        let stream = body.stream().map_err(|()| taken("response's stream"))?;
        Ok(Input::child(stream, body, explain_stream))
    }
}

pub(crate) fn send(wire: &Wire<'_>, payload: Payload<'_, '_>) -> Result<Answer> {
    let request = head(wire)?;
    let body = match payload {
        Payload::Empty => None,
        _ => Some(request.body().map_err(|()| taken("request's body"))?),
    };
    let explain = |code| explain(code, &wire.url.authority);
    let response = outgoing_handler::handle(request, None).map_err(explain)?;
    let whole = match body {
        Some(body) => upload(body, payload, &response, &wire.url.authority)?,
        None => true,
    };
    Wait::default().until(&response.subscribe())?;
    match response.get() {
        Some(Ok(Ok(response))) if !whole && response.status() < 300 => Err(Error::unavailable(
            "the system took only a part of the content",
        )),
        Some(Ok(Ok(response))) => Ok(Answer(response)),
        Some(Ok(Err(code))) => Err(explain(code)),
        Some(Err(())) | None => Err(taken("response")),
    }
}

fn head(wire: &Wire<'_>) -> Result<OutgoingRequest> {
    let headers: Vec<_> = wire
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_bytes().to_vec()))
        .collect();
    let headers = Fields::from_list(&headers)
        .map_err(|error| Error::internal(format!("a header is refused: {error:?}")))?;
    let request = OutgoingRequest::new(headers);
    let scheme = if wire.url.secure {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let wrong = |part: &str, value: &str| {
        Error::invalid(format!("a request's {part} is refused")).about(value)
    };
    request
        .set_method(&method(wire.method))
        .map_err(|()| wrong("method", wire.method))?;
    request
        .set_scheme(Some(&scheme))
        .map_err(|()| wrong("scheme", &wire.url.authority))?;
    request
        .set_authority(Some(&wire.url.authority))
        .map_err(|()| wrong("authority", &wire.url.authority))?;
    request
        .set_path_with_query(Some(&wire.url.path_and_query))
        .map_err(|()| {
            // A query may be a credential.
            let path = wire.url.path_and_query.split('?').next();
            wrong("path", path.unwrap_or_default())
        })?;
    Ok(request)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        _ => Method::Other(name.to_owned()),
    }
}

/// Sends the body and says whether it went out whole. A body that is dropped unfinished breaks the
/// request off, which is what a failing source needs. A receiver that takes no more may yet have
/// an answer to give.
fn upload(
    body: OutgoingBody,
    payload: Payload<'_, '_>,
    response: &FutureIncomingResponse,
    host: &str,
) -> Result<bool> {
    let stream = body.write().map_err(|()| taken("request's stream"))?;
    let mut output = Output::new(stream);
    let sent = match payload {
        Payload::Empty => Ok(()),
        Payload::Bytes(bytes) => output.write_all(bytes).map_err(Stop::ReceiverGone),
        Payload::Stream(reader) => {
            let size = reader.remaining();
            let answered = response.subscribe();
            // The last byte makes a body of announced length whole, so that it must be the last.
            let most = size.map(|size| size.saturating_sub(1));
            copy_unless(&mut reader.input, &mut output, most, Some(&answered))
                .and_then(|_| end(reader, &mut output, size))
        }
    };
    drop(output);
    match sent {
        Ok(()) => OutgoingBody::finish(body, None)
            .map_err(|code| explain(code, host))
            .map(|()| true),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::ReceiverGone(_) | Stop::Interrupted) => Ok(false),
    }
}

/// Sends the last of `size` bytes, once it is known that nothing comes after it.
fn end(reader: &mut Reader<'_>, output: &mut Output<'_>, size: Option<u64>) -> Result<(), Stop> {
    let last = match size {
        None => return Ok(()),
        Some(0) => Vec::new(),
        Some(_) => match reader.input.chunk(1)? {
            nothing if nothing.is_empty() => return Err(stream_too_short(1).into()),
            last => last,
        },
    };
    reader.end()?;
    output.write_all(&last).map_err(Stop::ReceiverGone)
}

fn taken(what: &str) -> Error {
    Error::internal(format!("a {what} was taken twice"))
}

fn explain_stream(error: &IoError) -> Error {
    http_error_code(error).map_or_else(
        || Error::unavailable(error.to_debug_string()),
        |code| explain(code, "the host"),
    )
}

fn explain(code: ErrorCode, host: &str) -> Error {
    use ErrorCode as Code;
    let kind = match code {
        Code::HttpRequestDenied | Code::DestinationIpProhibited => Kind::Denied,
        Code::HttpRequestUriInvalid | Code::HttpRequestUriTooLong => Kind::Invalid,
        Code::HttpRequestLengthRequired
        | Code::HttpRequestBodySize(_)
        | Code::HttpRequestMethodInvalid
        | Code::HttpRequestHeaderSectionSize(_)
        | Code::HttpRequestHeaderSize(_)
        | Code::HttpRequestTrailerSectionSize(_)
        | Code::HttpRequestTrailerSize(_)
        | Code::ConfigurationError => Kind::Internal,
        _ => Kind::Unavailable,
    };
    let message = match code {
        Code::InternalError(Some(message)) => message,
        Code::HttpRequestDenied => format!("no grant allows this request to {host}"),
        Code::DestinationIpProhibited => format!("no grant allows the address of {host}"),
        Code::DnsError(_) | Code::DnsTimeout => format!("{host} cannot be resolved"),
        Code::ConnectionRefused => format!("{host} refuses connections"),
        Code::ConnectionTimeout | Code::HttpResponseTimeout => {
            format!("{host} does not answer in time")
        }
        Code::ConnectionTerminated | Code::HttpResponseIncomplete => {
            format!("{host} broke the connection off")
        }
        code => format!("the request to {host} failed: {code:?}"),
    };
    Error::new(kind, message)
}
