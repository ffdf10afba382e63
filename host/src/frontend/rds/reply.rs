//! Answers that carry a file, and answers that must not be taken for one.
//!
//! Callers store the body of `GET /storage/file` without a look at the status,
//! so a body that is not the whole file must fail as a transfer. The only sign
//! every client library heeds is a chunked body without its last chunk; a
//! short `Content-Length` goes unnoticed by some.

use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode, Version};
use http_body::Frame;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::problem::Refusal;
use super::routes::Route;
use super::user_id::UserId;
use crate::dispatch::{Aborted, Started};

/// The shipped connector says `multipart/form-data` without a boundary, which
/// nothing can parse; the specification's type is served instead.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Characters of RFC 8187's `attr-char` that are no letters or digits.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Refuses a caller that would not see a file break off.
pub(super) fn needs_chunks(version: Version) -> Result<(), Refusal> {
    if version >= Version::HTTP_11 {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        "A file is sent in chunks, so that a transfer cut short is seen as one. \
         HTTP/1.0 has none; use HTTP/1.1 or later.",
    ))
}

/// The answer to a request for a file.
///
/// A caller with a credential gets a refusal as a broken transfer, so that it
/// cannot take it for the file. A caller without one is expected to look at
/// the status: it fetches a credential and comes back.
pub(super) fn file_or_break(
    answer: Result<Response, Refusal>,
    user: &UserId,
    route: Option<&Route>,
) -> Response {
    let options = route.map(|route| route.options.clone());
    let breaks = user.session && options.unwrap_or_default().break_error_bodies;
    match answer {
        Ok(response) => response,
        Err(refusal) if breaks => broken(&refusal),
        Err(refusal) => refusal.into_response(),
    }
}

/// The file's bytes. Their number is not announced even where it is known:
/// without it HTTP/1.1 sends chunks, whose end cannot be mistaken.
pub(super) fn file(started: Started, path: &str) -> Response {
    let mut response = Response::new(Body::new(started.body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, MEDIA_TYPE);
    if let Ok(disposition) = HeaderValue::try_from(disposition(path)) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    // Any caller may show the bytes inline; none should guess what they are.
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The refusal with its true status and text, in a body that never ends well.
fn broken(refusal: &Refusal) -> Response {
    let (media_type, text) = refusal.body();
    let mut response = Response::new(Body::new(Unterminated::Text(text.into())));
    *response.status_mut() = refusal.status;
    *response.headers_mut() = refusal.headers(media_type);
    response
}

/// A text, a pause in which the connection sends it off, an error.
enum Unterminated {
    Text(Bytes),
    Pause,
    Break,
}

impl http_body::Body for Unterminated {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match std::mem::replace(&mut *self, Self::Break) {
            Self::Text(text) => {
                *self = Self::Pause;
                Poll::Ready(Some(Ok(Frame::data(text))))
            }
            // A connection writes to its socket when a body makes it wait.
            Self::Pause => {
                task.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Break => {
                Poll::Ready(Some(Err(Aborted::new("the body is a refusal, not a file"))))
            }
        }
    }
}

/// RFC 6266: the name as it is where it fits, quoted where it must be, and
/// RFC 8187's extended form beside a readable stand-in for the rest.
fn disposition(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut text = String::from("inline; filename=");
    if !name.is_empty() && name.bytes().all(is_token) {
        text.push_str(name);
        return text;
    }
    text.push('"');
    for char in name.chars() {
        match char {
            '"' | '\\' => text.extend(['\\', char]),
            ' '..='~' => text.push(char),
            _ => text.push('_'),
        }
    }
    text.push('"');
    if !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let extended = utf8_percent_encode(name, EXTENDED);
        // Writing to a string does not fail.
        _ = write!(text, "; filename*=UTF-8''{extended}");
    }
    text
}

/// RFC 9110 `tchar`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
