//! Requests to the operators' API.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenon_host::admin::{Problem, v1};
use url::Url;

use super::error::Error;
use super::lines::Lines;

/// A host on the same network answers at once or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two pieces of an answer. An admission compiles, and may wait for
/// another that does.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// One host, asked by one operator.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
}

impl Client {
    pub(super) fn new(base: Url, token: SecretString) -> anyhow::Result<Self> {
        if base.cannot_be_a_base() {
            return Err(anyhow!("{base} is no address of a host"));
        }
        // A proxy has no business between a host and its operator, and no
        // other address the token.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()?;
        Ok(Self { http, base, token })
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Error> {
        self.json(Method::GET, path, query, None).await
    }

    /// Asks for a change.
    pub(crate) async fn post(
        &self,
        path: &[&str],
        command: Option<&Value>,
    ) -> Result<Value, Error> {
        let body = command.map(|command| ("application/json", command.to_string().into()));
        self.json(Method::POST, path, &[], body).await
    }

    /// Sends the bytes of a component.
    pub(crate) async fn upload(&self, component: Bytes) -> Result<Value, Error> {
        let body = ("application/wasm", component.into());
        self.json(Method::POST, &["components"], &[], Some(body))
            .await
    }

    /// Asks for something to end.
    pub(crate) async fn delete(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, Error> {
        self.json(Method::DELETE, path, query, None).await
    }

    /// Asks for lines, which may go on.
    pub(crate) async fn lines(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Lines, Error> {
        let response = self.send(Method::GET, path, query, None).await?;
        Ok(Lines::new(response))
    }

    async fn json(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<(&'static str, Body)>,
    ) -> Result<Value, Error> {
        let response = self.send(method, path, query, body).await?;
        let bytes = response.bytes().await.context("the answer broke off")?;
        let value = serde_json::from_slice(&bytes).with_context(|| self.no_host())?;
        Ok(value)
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<(&'static str, Body)>,
    ) -> Result<Response, Error> {
        let url = address(&self.base, path, query);
        let mut request = self.http.request(method, url);
        let token = format!("Bearer {}", self.token.expose_secret());
        let mut token = HeaderValue::try_from(token).context("the token has odd characters")?;
        token.set_sensitive(true);
        request = request.header(AUTHORIZATION, token);
        if let Some((media_type, body)) = body {
            request = request.header(CONTENT_TYPE, media_type).body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("no answer from {}", self.base))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let bytes = response.bytes().await.context("the answer broke off")?;
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(Error::Refused(Box::new(problem))),
            Err(_) => Err(anyhow!("{status}: {}", self.no_host()).into()),
        }
    }

    fn no_host(&self) -> String {
        format!(
            "{} does not answer as a host's admin listener does; --admin-url says where it is",
            self.base
        )
    }
}

/// The address of a resource. Each part of `path` becomes one segment,
/// whatever is in it.
fn address(base: &Url, path: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        let prefix = v1::PREFIX.split('/').filter(|part| !part.is_empty());
        segments.pop_if_empty().extend(prefix).extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

/// An answer as a type.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    let read = T::deserialize(value);
    Ok(read.context("the host is of another version: use its own `tenon`, or --json")?)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_id_with_a_tenant_is_one_segment() {
        let check = |base: &str, path: &[&str], query: &[(&str, &str)], expected: &str| {
            let url = address(&base.parse().unwrap(), path, query);
            assert_eq!(url.as_str(), expected);
        };
        let path = ["connectors", "acme/x", "activate"];
        check(
            "http://h:1",
            &path,
            &[],
            "http://h:1/admin/v1/connectors/acme%2Fx/activate",
        );
        check(
            "https://h/behind/",
            &["events"],
            &[("connector", "acme/x&y")],
            "https://h/behind/admin/v1/events?connector=acme%2Fx%26y",
        );
        check("http://h", &[".."], &[], "http://h/admin/v1");
    }
}
