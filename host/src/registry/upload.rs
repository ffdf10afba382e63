//! The way of blobs and manifests into a registry.

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;

use super::session::{MANIFEST_MEDIA_TYPE, Session, length, promised};
use super::{Error, body};
use crate::digest::Digest;

/// Stores bytes under their digest, unless the registry has them.
pub(super) async fn blob(session: &Session, what: &str, bytes: Bytes) -> Result<Digest, Error> {
    let digest = Digest::of(&bytes);
    let url = session.url(&format!("blobs/{digest}"))?;
    let response = session.send(session.http.head(url)).await?;
    let is_whole = length(response.headers()).is_none_or(|length| length == bytes.len() as u64);
    match response.status() {
        StatusCode::OK if is_whole => return Ok(digest),
        StatusCode::OK | StatusCode::NOT_FOUND => {}
        _ => return Err(body::refusal(session, response, what).await),
    }
    let url = session.url("blobs/uploads/")?;
    let request = session.http.post(url).header(CONTENT_LENGTH, 0);
    let response = session.send(request).await?;
    let response = session.expect(response, StatusCode::ACCEPTED, what).await?;
    let mut url = location(session, &response)?;
    url.query_pairs_mut().append_pair("digest", digest.as_str());
    let request = session.http.put(url);
    let request = request.header(CONTENT_TYPE, "application/octet-stream");
    let response = session.send(request.body(bytes)).await?;
    session.expect(response, StatusCode::CREATED, what).await?;
    Ok(digest)
}

/// Stores a manifest under a tag.
pub(super) async fn manifest(
    session: &Session,
    tag: &str,
    bytes: Vec<u8>,
) -> Result<Digest, Error> {
    let digest = Digest::of(&bytes);
    let what = format!("the manifest `{tag}` of {}", session.repository);
    let url = session.url(&format!("manifests/{tag}"))?;
    let request = session.http.put(url);
    let request = request.header(CONTENT_TYPE, MANIFEST_MEDIA_TYPE);
    let response = session.send(request.body(bytes)).await?;
    let response = session.expect(response, StatusCode::CREATED, &what).await?;
    match promised(response.headers()) {
        Some(found) if found != digest => Err(Error::WrongDigest {
            what,
            expected: digest,
            found,
        }),
        _ => Ok(digest),
    }
}

/// Where an upload goes on.
fn location(session: &Session, response: &Response) -> Result<Url, Error> {
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| session.bad("does not say where an upload goes"))?;
    session.resolve(response.url(), location)
}
