//! What a request must pass before it leaves, and what is put into it.

use std::sync::Arc;

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri, request};
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;
use wasmtime_wasi_http::Error;

use super::grant::{Grant, matching};
use super::origin::literal_address;
use crate::capability::call::{Context, Interface};
use crate::capability::usage::Usage;
use crate::capability::{Grants, secret};

/// Largest body in which placeholders are replaced: enough for a login
/// request. Larger ones, and those of unknown length, pass as they are.
const SUBSTITUTED_BYTES_MAX: u64 = 64 * 1024;

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("tenon/", env!("CARGO_PKG_VERSION")));
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// The grant that covers a request, and its place among the grants.
pub(super) fn granted<'a>(
    grants: &'a [Arc<Grant>],
    parts: &request::Parts,
) -> Result<(usize, &'a Arc<Grant>), Error> {
    // A tunnel would leave the grants behind, and an answer to TRACE repeats
    // the credentials that were put into the request.
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(Error::HttpRequestMethodInvalid);
    }
    if has_user(&parts.uri) {
        return Err(Error::HttpRequestUriInvalid);
    }
    let (place, grant) = matching(grants, &parts.uri).ok_or(Error::HttpRequestDenied)?;
    if literal_address(&parts.uri).is_some_and(|address| !grant.addresses.allows(address)) {
        return Err(Error::DestinationIpProhibited);
    }
    Ok((place, grant))
}

/// Credentials belong into grants, and the part of an authority before `@`
/// is what URL confusions are made of.
fn has_user(uri: &Uri) -> bool {
    uri.authority()
        .is_none_or(|authority| authority.as_str().contains('@'))
}

/// Says who sends a request and for which call, where the guest does not.
pub(super) fn identify(headers: &mut HeaderMap, context: &Context) {
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.entry(REQUEST_ID).or_insert(id);
    }
    let trace = context.trace_parent.get();
    if let Some(Ok(trace)) = trace.map(|trace| HeaderValue::from_str(trace)) {
        headers.entry(TRACE_PARENT).or_insert(trace);
    }
}

/// Puts the credentials that one grant lists in the place of placeholders.
pub(super) struct Substitution {
    pub(super) grants: Arc<Grants>,
    pub(super) context: Arc<Context>,
    pub(super) placeholders: secret::Placeholders,
    /// Of the request at hand.
    pub(super) grant: Arc<Grant>,
    /// Its place among the grants.
    pub(super) place: usize,
    pub(super) usage: Arc<Usage>,
}

impl Substitution {
    /// Replaces what a header's values hold.
    pub(super) fn headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        if self.placeholders.is_empty() {
            return Ok(());
        }
        for value in headers.values_mut() {
            if let Some(text) = self.text(value.as_bytes(), Notation::Plain)? {
                // A credential with a line break in it would add headers.
                *value = HeaderValue::from_bytes(&text).map_err(|_| Error::HttpRequestDenied)?;
                value.set_sensitive(true);
            }
        }
        Ok(())
    }

    /// Whether a body of this length is looked into.
    pub(super) fn covers_body(&self, length: Option<u64>) -> bool {
        let small = length.is_some_and(|length| (1..=SUBSTITUTED_BYTES_MAX).contains(&length));
        small && !self.placeholders.is_empty()
    }

    /// The text with credentials in place; `None` when there is nothing to
    /// replace.
    pub(super) fn text(&self, text: &[u8], notation: Notation) -> Result<Option<Vec<u8>>, Error> {
        let written = |name: &str| Some(notation.write(self.credential(name)?));
        let replaced = self.placeholders.substitute(text, written);
        replaced.map_err(|name| {
            self.usage.deny(Interface::Secret);
            tracing::info!(
                connector = %self.context.connector,
                request_id = self.context.request_id,
                origin = %self.grant.origin,
                credential = name,
                "request refused: the credential is not granted here, or too long"
            );
            Error::HttpRequestDenied
        })
    }

    fn credential(&self, name: &str) -> Option<SecretString> {
        let template = self.grant.credentials.get(name)?;
        let text = template.render(&self.grants.secrets, &self.context)?;
        self.usage.place(self.place, name, template);
        Some(text)
    }
}

/// How a credential is written into what surrounds it, so that it ends where
/// its placeholder does, whatever it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// As it is.
    Plain,
    /// Within a string of JSON. RFC 8259, section 7.
    Json,
    /// Within a form. URL standard, section 5.2.
    Form,
}

impl Notation {
    /// That of a body.
    pub(super) fn of_body(headers: &HeaderMap) -> Self {
        let media_type = headers.get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|value| value.split(';').next());
        match essence.map(|it| it.trim().to_ascii_lowercase()).as_deref() {
            Some("application/x-www-form-urlencoded") => Self::Form,
            Some(json) if json == "application/json" || json.ends_with("+json") => Self::Json,
            _ => Self::Plain,
        }
    }

    fn write(self, credential: SecretString) -> SecretString {
        let text = credential.expose_secret();
        match self {
            Self::Plain => credential,
            Self::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                SecretString::from(inner.unwrap_or_default())
            }
            Self::Form => form_urlencoded::byte_serialize(text.as_bytes())
                .collect::<String>()
                .into(),
        }
    }
}

/// The length that a guest has announced. The library has checked its form.
pub(super) fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
