//! Bodies of a registry's answers, none of them read without a limit.

use bytes::{Bytes, BytesMut};
use oci_client::errors::OciEnvelope;
use reqwest::{Response, StatusCode};

use super::Error;
use super::session::{Session, length};
use crate::digest::Digest;

/// Of a refusal, before nobody wants to read more of it.
const REFUSAL_BYTES_MAX: u64 = 16 << 10;
const REFUSAL_CHARS_MAX: usize = 200;
/// What is set aside before the first byte is there.
const CAPACITY_MAX: u64 = 4 << 20;

/// A whole body of at most `max` bytes.
pub(super) async fn read(
    session: &Session,
    mut response: Response,
    what: &str,
    max: u64,
) -> Result<Bytes, Error> {
    let too_large = || Error::TooLarge {
        what: what.to_owned(),
        max,
    };
    let promised = length(response.headers());
    if promised.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let capacity = promised.unwrap_or_default().min(CAPACITY_MAX);
    let mut bytes = BytesMut::with_capacity(usize::try_from(capacity).unwrap_or_default());
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes.freeze()),
            // The connection ended before the body did.
            Err(error) if !error.is_timeout() => {
                let found = bytes.len();
                return Err(Error::Truncated(format!(
                    "{what} is truncated: the connection ended after {found} bytes"
                )));
            }
            Err(error) => return Err(session.failed(error)),
        }
        if bytes.len() as u64 > max {
            return Err(too_large());
        }
    }
}

/// A blob of exactly the digest and size that a manifest promises. The caller
/// has held the size against its limit.
pub(super) async fn blob(
    session: &Session,
    what: &str,
    digest: &Digest,
    size: u64,
) -> Result<Bytes, Error> {
    let url = session.url(&format!("blobs/{digest}"))?;
    let response = session.send(session.http.get(url)).await?;
    let response = session.expect(response, StatusCode::OK, what).await?;
    let truncated = |found: u64| {
        Error::Truncated(format!(
            "{what} is truncated: the registry has {found} of {size} bytes; its storage is damaged"
        ))
    };
    if let Some(found) = length(response.headers()).filter(|found| *found < size) {
        return Err(truncated(found));
    }
    let bytes = match read(session, response, what, size).await {
        Err(Error::TooLarge { .. }) => {
            let more = format!("sends more than the {size} bytes that the manifest promises");
            return Err(session.bad(format_args!("{more} for {what}")));
        }
        read => read?,
    };
    if (bytes.len() as u64) < size {
        return Err(truncated(bytes.len() as u64));
    }
    let found = Digest::of(&bytes);
    if found == *digest {
        Ok(bytes)
    } else {
        Err(Error::WrongDigest {
            what: what.to_owned(),
            expected: digest.clone(),
            found,
        })
    }
}

/// What a registry means by not doing it.
pub(super) async fn refusal(session: &Session, response: Response, what: &str) -> Error {
    let status = response.status();
    let body = read(session, response, what, REFUSAL_BYTES_MAX).await;
    let said = body.map(|body| said(&body)).unwrap_or_default();
    let registry = &session.repository.registry;
    let message = format!("{registry} answers {status} for {what}{said}");
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::Denied(message),
        StatusCode::NOT_FOUND => Error::NotFound(message),
        StatusCode::TOO_MANY_REQUESTS => Error::Unreachable(message),
        status if status.is_server_error() => Error::Unreachable(message),
        _ => Error::BadAnswer(message),
    }
}

/// The errors in a refusal's body, as far as they fit in a line.
fn said(body: &[u8]) -> String {
    let Ok(envelope) = serde_json::from_slice::<OciEnvelope>(body) else {
        return String::new();
    };
    let messages: Vec<_> = envelope
        .errors
        .into_iter()
        .map(|error| error.message)
        .collect();
    let text: String = messages
        .join("; ")
        .chars()
        .take(REFUSAL_CHARS_MAX)
        .collect();
    match text.escape_debug().to_string() {
        text if text.is_empty() => text,
        text => format!(" ({text})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_short_line() {
        assert_eq!(said(b"<html>"), "");
        assert_eq!(said(br#"{"errors":[]}"#), "");
        let body =
            br#"{"errors":[{"code":"DENIED","message":"no\nway"},{"code":"X","message":"y"}]}"#;
        assert_eq!(said(body), " (no\\nway; y)");
        let long = format!(
            r#"{{"errors":[{{"code":"X","message":"{}"}}]}}"#,
            "x".repeat(5000)
        );
        assert_eq!(said(long.as_bytes()).len(), REFUSAL_CHARS_MAX + 3);
    }
}
