//! What a guest is told of a failed request: the most precise code there is.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::iter;

use wasmtime_wasi_http::Error;

use super::connect::ConnectError;

/// A request that got no response.
pub(super) fn no_response(error: &(dyn StdError + 'static)) -> Error {
    // The innermost cause that says something says it best.
    let found = causes(error).filter_map(code).last();
    found.unwrap_or(Error::HttpProtocolError)
}

/// A response whose body broke off.
pub(super) fn broken_body(error: &(dyn StdError + 'static)) -> Error {
    match causes(error).filter_map(code).last() {
        // Whatever went wrong with the connection: the body is not all there.
        None | Some(Error::ConnectionTerminated) => Error::HttpResponseIncomplete,
        Some(error) => error,
    }
}

/// An error and what it wraps. An [`io::Error`] hides its content from
/// `source`, so that it is asked for it.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(content) => Some(content as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn code(cause: &(dyn StdError + 'static)) -> Option<Error> {
    None.or_else(|| cause.downcast_ref().map(connect))
        .or_else(|| cause.downcast_ref().map(tls))
        .or_else(|| cause.downcast_ref().and_then(request_body))
        .or_else(|| cause.downcast_ref().and_then(http))
        .or_else(|| cause.downcast_ref().and_then(connection))
}

fn connect(error: &ConnectError) -> Error {
    match error {
        ConnectError::NotGranted => Error::HttpRequestDenied,
        ConnectError::Lookup(cause) => Error::DnsError {
            rcode: Some(cause.to_string()),
            info_code: None,
        },
        ConnectError::Prohibited => Error::DestinationIpProhibited,
        ConnectError::Timeout => Error::ConnectionTimeout,
        ConnectError::Tunnel(_) => Error::DestinationUnavailable,
    }
}

fn tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Error::TlsCertificateError
        }
        rustls::Error::AlertReceived(alert) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        _ => Error::TlsProtocolError,
    }
}

/// What our own request body said when it ended the request.
fn request_body(error: &Error) -> Option<Error> {
    match error {
        Error::HttpRequestBodySize(size) => Some(Error::HttpRequestBodySize(*size)),
        _ => None,
    }
}

fn http(error: &hyper::Error) -> Option<Error> {
    if error.is_parse_too_large() {
        Some(Error::HttpResponseHeaderSectionSize(None))
    } else if error.is_parse() {
        Some(Error::HttpProtocolError)
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Some(Error::ConnectionTerminated)
    } else {
        None
    }
}

fn connection(error: &io::Error) -> Option<Error> {
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Error::ConnectionRefused),
        ErrorKind::TimedOut => Some(Error::ConnectionTimeout),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Some(Error::DestinationIpUnroutable)
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some(Error::ConnectionTerminated),
        // An invalid chunk, where a body is read.
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Some(Error::HttpProtocolError),
        _ => None,
    }
}
