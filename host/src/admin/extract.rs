//! The parts of a request, in the API's own form of refusal: axum's own
//! extractors would answer in plain text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Failure;
use crate::digest::Digest;
use crate::dispatch::ConnectorId;

pub(super) const JSON_TYPE: &str = "application/json";
/// Commands are short.
const JSON_BYTES_MAX: u64 = 64 << 10;
/// For a body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// The connector of a path: `name` or `tenant%2Fname`.
#[derive(Debug)]
pub(super) struct Connector(pub(super) ConnectorId);

impl<S: Send + Sync> FromRequestParts<S> for Connector {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        parameter(parts, state).await.map(Self)
    }
}

/// The component of a path.
#[derive(Debug)]
pub(super) struct Component(pub(super) Digest);

impl<S: Send + Sync> FromRequestParts<S> for Component {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        parameter(parts, state).await.map(Self)
    }
}

/// The one variable part of a path, its percent-encoding undone.
async fn parameter<T, S>(parts: &mut Parts, state: &S) -> Result<T, Failure>
where
    T: FromStr<Err: std::fmt::Display>,
    S: Send + Sync,
{
    let Path(text) = Path::<String>::from_request_parts(parts, state)
        .await
        .map_err(|rejection| Failure::malformed(rejection.body_text()))?;
    text.parse()
        .map_err(|error: T::Err| Failure::malformed(error.to_string()))
}

/// The parameters of a query, asked for one by one.
#[derive(Debug)]
pub(super) struct Query(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if parameters
                .insert(name.clone().into_owned(), value.into_owned())
                .is_some()
            {
                return Err(Failure::malformed(format!("`{name}` stands there twice")));
            }
        }
        Ok(Self(parameters))
    }
}

impl Query {
    /// The value of a parameter, if there is one. `expected` says of what form.
    pub(super) fn take<T: FromStr>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, Failure> {
        let Some(text) = self.0.remove(name) else {
            return Ok(None);
        };
        let wrong = |_| Failure::malformed(format!("{name}: expected {expected}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Failure::malformed(format!("unknown parameter `{name}`"))),
        }
    }
}

/// A JSON body.
#[derive(Debug)]
pub(super) struct Command<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Command<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let found = media_type(&parts.headers);
        if found != JSON_TYPE {
            return Err(unsupported(&found, JSON_TYPE));
        }
        json(body).await.map(Self)
    }
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub(super) struct MaybeCommand<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeCommand<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if request.headers().contains_key(CONTENT_TYPE) {
            let Command(command) = Command::<Option<T>>::from_request(request, state).await?;
            return Ok(Self(command.unwrap_or_default()));
        }
        let bytes = whole(request.into_body(), JSON_BYTES_MAX).await?;
        if bytes.is_empty() {
            Ok(Self(T::default()))
        } else {
            Err(unsupported("", JSON_TYPE))
        }
    }
}

/// The media type of a body, without parameters and in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Cow<'static, str> {
    let found = headers
        .get(CONTENT_TYPE)
        .and_then(|found| found.to_str().ok());
    let essence = found.and_then(|found| found.split(';').next());
    essence.map_or(Cow::Borrowed(""), |text| {
        Cow::Owned(text.trim().to_ascii_lowercase())
    })
}

pub(super) fn unsupported(found: &str, expected: &str) -> Failure {
    let found = match found {
        "" => "none".to_owned(),
        found => format!("`{found}`"),
    };
    Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        format!("expected a body with the Content-Type {expected}, not {found}"),
    )
}

/// A body of a few bytes, read as JSON.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let bytes = whole(body, JSON_BYTES_MAX).await?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::malformed(format!("body: {error}")))
}

/// A whole body, of at most so many bytes.
pub(super) async fn whole(body: Body, bytes_max: u64) -> Result<Bytes, Failure> {
    let length = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let body = Limited::new(body, length).collect();
    match tokio::time::timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("the body has more than {bytes_max} bytes"),
        )),
        Ok(Err(error)) => Err(Failure::malformed(format!("the body broke off: {error}"))),
        Err(_) => Err(Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-timeout",
            format!(
                "the body did not arrive within {} s",
                BODY_TIMEOUT.as_secs()
            ),
        )),
    }
}

#[cfg(test)]
mod tests;
