//! HTTP over a blocking client whose connections the environment keeps.

use std::{io, time::Duration};

use ureq::{
    Agent, AsSendBody, Body, SendBody,
    http::{Request, Response, request::Builder},
};

use super::{
    environment, secret,
    stream::{Input, ReadSource},
};
use crate::{
    Error, Result,
    http::{Payload, Wire},
    transfer::Reader,
};

/// Largest body in which placeholders are replaced, as in the host.
const SUBSTITUTED_BYTES_MAX: usize = 64 * 1024;

/// Longer is a host that is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that leaves statuses and redirects to the caller, as the host does.
pub(super) fn agent() -> Agent {
    Agent::config_builder()
        .allow_non_standard_methods(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .build()
        .into()
}

/// A response as the client holds it.
pub(crate) struct Answer(Response<Body>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        self.0
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect()
    }

    pub(crate) fn into_body(self) -> Result<Input<'static>> {
        let reader = self.0.into_body().into_reader();
        Ok(Input::new(ReadSource::new(reader)))
    }
}

pub(crate) fn send(wire: &Wire<'_>, payload: Payload<'_, '_>) -> Result<Answer> {
    let uri = wire.url.to_string();
    let body = match payload {
        Payload::Bytes(bytes) => substituted(bytes),
        _ => None,
    };
    let mut request = Request::builder().method(wire.method).uri(&uri);
    for (name, value) in wire.headers {
        request = match &body {
            Some(body) if name.eq_ignore_ascii_case("content-length") => {
                request.header(name, body.len())
            }
            _ => request.header(name, secret::substitute(value)),
        };
    }
    match payload {
        Payload::Empty => run(request, &uri, ()),
        Payload::Bytes(bytes) => run(request, &uri, body.as_deref().unwrap_or(bytes)),
        Payload::Stream(reader) => {
            if reader.remaining() == Some(0) {
                reader.end()?;
            }
            run(request, &uri, SendBody::from_reader(&mut Exact(reader)))
        }
    }
}

/// Hands the last of the announced bytes out once it is known that nothing follows: with them the
/// body is whole.
struct Exact<'r, 'a>(&'r mut Reader<'a>);

impl io::Read for Exact<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        if count > 0 && self.0.remaining() == Some(0) {
            self.0.end()?;
        }
        Ok(count)
    }
}

/// A small body with its placeholders replaced; none when it is no text.
fn substituted(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    (body.len() <= SUBSTITUTED_BYTES_MAX).then(|| secret::substitute(text).into_bytes())
}

fn run(request: Builder, uri: &str, body: impl AsSendBody) -> Result<Answer> {
    let request = request
        .body(body)
        .map_err(|error| Error::invalid(format!("a request is refused: {error}")).about(uri))?;
    let agent = environment::with(|environment| environment.agent.clone());
    agent.run(request).map(Answer).map_err(explain)
}

fn explain(error: ureq::Error) -> Error {
    match error {
        ureq::Error::Io(error) => error.into(),
        ureq::Error::BadUri(message) => Error::invalid(message),
        error => Error::unavailable(format!("the request failed: {error}")),
    }
}
