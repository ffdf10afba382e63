//! Requests to one repository of one registry.
//!
//! Credentials leave for the registry itself, and for nobody whom it names:
//! uploads and redirects may go elsewhere, but go there without them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode};
use url::Url;

use super::reference::Repository;
use super::{Access, Config, Error, body, challenge};
use crate::cause;
use crate::digest::Digest;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest silence in the middle of a pull.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const REDIRECTS_MAX: usize = 5;
/// A manifest has a few hundred bytes; registries commonly allow 4 MiB.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;
const DIGEST_HEADER: &str = "docker-content-digest";
/// What else a registry may have at a tag; it says "not found" to whoever
/// does not name its type.
const OTHER_MEDIA_TYPES: [&str; 3] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
/// Of an image's manifest, and of every artifact in the shape of one.
pub(super) const MANIFEST_MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Pull,
    Push,
}

/// A conversation with a registry about one repository.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) http: Client,
    pub(super) access: Access,
    pub(super) repository: Repository,
    pub(super) purpose: Purpose,
    base: Url,
    authorization: Mutex<Option<HeaderValue>>,
}

/// A manifest as the registry has it.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
}

impl Session {
    pub(super) fn open(
        config: &Config,
        repository: &Repository,
        purpose: Purpose,
    ) -> Result<Self, Error> {
        let access = config.access(&repository.registry);
        let scheme = if access.plain_http { "http" } else { "https" };
        let base = format!("{scheme}://{}/", repository.host());
        let base = Url::parse(&base)
            .map_err(|error| Error::BadReference(format!("{repository}: {error}")))?;
        Ok(Self {
            http: client(&access, purpose, config.proxies).map_err(|error| {
                Error::Unreachable(format!("{repository}: {}", cause::of(error)))
            })?,
            access,
            repository: repository.clone(),
            purpose,
            base,
            authorization: Mutex::new(None),
        })
    }

    /// The address of something of the repository.
    pub(super) fn url(&self, path: &str) -> Result<Url, Error> {
        self.resolve(&self.base, &format!("/v2/{}/{path}", self.repository.path))
    }

    /// An address that the registry gave, absolute or relative to the
    /// request's.
    pub(super) fn resolve(&self, from: &Url, location: &str) -> Result<Url, Error> {
        let url = from.join(location);
        let url = url.map_err(|error| self.bad(format_args!("names a bad address: {error}")))?;
        if self.is_safe(&url) {
            Ok(url)
        } else {
            Err(self.bad("asks to go on over plain HTTP"))
        }
    }

    /// Whether bytes may go there: over TLS, unless the registry does without.
    pub(super) fn is_safe(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.access.plain_http && url.scheme() == "http")
    }

    /// Whether this is the registry itself.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Sends a request, and sends it again with credentials if the registry
    /// asks for them. Its body must be of bytes, not a stream.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let mut request = request.build().map_err(|error| self.failed(error))?;
        let again = request.try_clone();
        self.authorize(&mut request);
        let response = self.execute(request).await?;
        let asked = response.status() == StatusCode::UNAUTHORIZED && self.is_own(response.url());
        let Some(mut again) = again.filter(|_| asked) else {
            return Ok(response);
        };
        let answer = challenge::answer(self, response.headers()).await?;
        *self.known() = Some(answer);
        self.authorize(&mut again);
        self.execute(again).await
    }

    /// Sends a request as it is.
    pub(super) async fn execute(&self, request: reqwest::Request) -> Result<Response, Error> {
        let response = self.http.execute(request).await;
        response.map_err(|error| self.failed(error))
    }

    /// The manifest of a tag or digest, with the digest of its bytes.
    pub(super) async fn manifest(&self, target: &str) -> Result<Manifest, Error> {
        let url = self.url(&format!("manifests/{target}"))?;
        let mut request = self.http.get(url).header(ACCEPT, MANIFEST_MEDIA_TYPE);
        for other in OTHER_MEDIA_TYPES {
            request = request.header(ACCEPT, other);
        }
        let response = self.send(request).await?;
        let what = format!("the manifest `{target}` of {}", self.repository);
        let response = self.expect(response, StatusCode::OK, &what).await?;
        let promised = promised(response.headers());
        let bytes = body::read(self, response, &what, MANIFEST_BYTES_MAX).await?;
        let digest = Digest::of(&bytes);
        match promised {
            Some(expected) if expected != digest => Err(Error::WrongDigest {
                what,
                expected,
                found: digest,
            }),
            _ => Ok(Manifest { bytes, digest }),
        }
    }

    /// The response, if it has this status.
    pub(super) async fn expect(
        &self,
        response: Response,
        status: StatusCode,
        what: &str,
    ) -> Result<Response, Error> {
        if response.status() == status {
            Ok(response)
        } else {
            Err(body::refusal(self, response, what).await)
        }
    }

    /// What a failed request means. Addresses are left out: those of uploads
    /// and redirects are signed.
    pub(super) fn failed(&self, error: reqwest::Error) -> Error {
        let registry = &self.repository.registry;
        if error.is_redirect() {
            return Error::BadAnswer(format!("{registry}: {}", cause::of(error)));
        }
        Error::Unreachable(format!("{registry} does not answer: {}", cause::of(error)))
    }

    /// An answer that the protocol does not know.
    pub(super) fn bad(&self, what: impl std::fmt::Display) -> Error {
        Error::BadAnswer(format!("{} {what}", self.repository.registry))
    }

    fn authorize(&self, request: &mut reqwest::Request) {
        let known = self.known().clone();
        if let Some(value) = known.filter(|_| self.is_own(request.url())) {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<HeaderValue>> {
        let known = self.authorization.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(access: &Access, purpose: Purpose, proxies: bool) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("tenon/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirects(access.plain_http));
    if purpose == Purpose::Pull {
        // Nothing is read while an upload is under way.
        builder = builder.read_timeout(READ_TIMEOUT);
    }
    if !proxies {
        builder = builder.no_proxy();
    }
    if !access.ca.is_empty() {
        builder = builder.tls_certs_merge(Certificate::from_pem_bundle(access.ca.as_bytes())?);
    }
    builder.build()
}

/// Registries redirect to where their blobs are stored. The client takes the
/// credentials off a request that goes to another host.
fn redirects(plain_http: bool) -> Policy {
    Policy::custom(move |attempt: Attempt<'_>| -> Action {
        if attempt.previous().len() > REDIRECTS_MAX {
            attempt.error("it redirects in circles")
        } else if attempt.url().scheme() == "https" || plain_http {
            attempt.follow()
        } else {
            attempt.error("it redirects to plain HTTP")
        }
    })
}

/// The digest that a response promises.
pub(super) fn promised(headers: &HeaderMap) -> Option<Digest> {
    headers.get(DIGEST_HEADER)?.to_str().ok()?.parse().ok()
}

/// The length that a response promises.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
