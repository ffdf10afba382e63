//! Credentials of users who are only named, asked for at the port service.
//!
//! Nothing is kept: tokens are renewed behind the host's back, and one request
//! within the cluster is little beside the call that follows it. An answer
//! without a usable credential means that there is none, whatever its status,
//! because the port service answers 404 and 500 alike to a user it does not
//! know; only a service that does not answer leaves it open.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::installation::Base;
use super::problem::Refusal;
use super::user_id::present;
use crate::cause;

/// Look-ups at one time; further ones wait within their own time limit.
const LOOKUPS_MAX: usize = 64;
/// An answer describes the service as well, with its icon and its profile.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Longest name that can be part of an address.
const USER_BYTES_MAX: usize = 1024;
/// What callers are told to wait when the port service is down.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Where credentials are looked up. Clones share it; the default looks
/// nothing up.
#[derive(Clone, Default)]
pub struct Tokens(Option<Arc<PortService>>);

struct PortService {
    client: reqwest::Client,
    base: Base,
    timeout: Duration,
    free: Semaphore,
}

/// A user's account in the system behind a connector.
#[derive(Debug)]
pub(super) struct Login {
    /// The user's name there.
    pub user: Option<String>,
    /// The token or password.
    pub credential: SecretString,
}

/// Why nobody knows whether there is a credential.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the port service did not answer in time")]
    Late,
    #[error("the port service cannot be asked: {0}")]
    Unreachable(String),
}

impl Tokens {
    /// Looks up at a port service.
    pub fn new(client: reqwest::Client, base: Base, timeout: Duration) -> Self {
        Self(Some(Arc::new(PortService {
            client,
            base,
            timeout,
            free: Semaphore::new(LOOKUPS_MAX),
        })))
    }

    /// Whether there is anybody to ask.
    pub(super) fn is_configured(&self) -> bool {
        self.0.is_some()
    }

    /// The user's account with a service, if there is one.
    pub(super) async fn credential(
        &self,
        user: &str,
        service: &str,
    ) -> Result<Option<Login>, Refusal> {
        let Some(port) = &self.0 else {
            return Ok(None);
        };
        let asked = tokio::time::timeout(port.timeout, port.ask(user, service)).await;
        asked.unwrap_or(Err(Failure::Late)).map_err(|failure| {
            tracing::warn!(service, "credential not looked up: {failure}");
            let sentence = "The user's credential cannot be looked up at the moment.";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence).after(RETRY_AFTER)
        })
    }
}

impl PortService {
    async fn ask(&self, user: &str, service: &str) -> Result<Option<Login>, Failure> {
        if user.len() > USER_BYTES_MAX {
            return Ok(None);
        }
        let Some(url) = self.base.at(&["user", user, "service", service]) else {
            return Ok(None);
        };
        // Never closed.
        let _permit = self.free.acquire().await;
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        let status = answer.status();
        if status != StatusCode::OK {
            tracing::debug!(service, status = status.as_u16(), "no credential on record");
            return Ok(None);
        }
        let body = super::answer::read(answer, ANSWER_BYTES_MAX).await;
        let login = body.map_err(unreachable)?.and_then(|body| login(&body));
        if login.is_none() {
            tracing::warn!(service, "the port service's answer holds no credential");
        }
        Ok(login)
    }
}

fn unreachable(error: reqwest::Error) -> Failure {
    Failure::Unreachable(cause::of(error))
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.0.as_ref().map(|port| &port.base);
        f.debug_tuple("Tokens").field(&base).finish()
    }
}

#[derive(Deserialize)]
struct Token {
    data: TokenData,
}

/// Of an `OAuth2Token` and of a `LoginToken`.
#[derive(Deserialize)]
struct TokenData {
    access_token: Option<String>,
    password: Option<String>,
    user: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    data: Option<Name>,
}

#[derive(Deserialize)]
struct Name {
    username: Option<String>,
}

fn login(body: &[u8]) -> Option<Login> {
    let Token { data } = serde_json::from_slice(body).ok()?;
    let usable = |text: String| present(&text).is_some().then_some(text);
    let token = data.access_token.and_then(usable);
    let credential = token.or_else(|| data.password.and_then(usable))?;
    let name = data.user.and_then(|user| user.data?.username);
    Some(Login {
        user: name.and_then(usable),
        credential: SecretString::from(credential),
    })
}

#[cfg(test)]
mod tests;
