//! Logging in: the user's key, which only the host knows, becomes a token of Swift's and the
//! address of the account.

mod catalog;
mod v1;
mod v3;

use std::{
    fmt,
    time::{Duration, Instant},
};

use tenon_sdk::{Error, Result, http::Response};

pub(crate) use v3::Identity;

/// A token is renewed this long before its end, so that none runs out under way.
const MARGIN: Duration = Duration::from_secs(60);
/// The name of the secret that holds the user's key.
const KEY: &str = "key";

/// How one logs in, and where. Addresses end without a slash.
#[derive(Debug)]
pub(crate) enum Login {
    /// Swift's own authentication: headers there, headers back.
    V1 { url: String, user: String },
    /// Keystone's, version 3: JSON there, a token and a catalog of services back.
    V3 {
        url: String,
        identity: Identity,
        interface: String,
        region: Option<String>,
    },
}

/// What logging in gives.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) token: String,
    /// The account's address, without a slash at its end; none when the system gave none.
    pub(crate) storage: Option<String>,
    good_until: Option<Instant>,
}

impl Login {
    /// Logs in, `unauthenticated` when the key is refused.
    pub(crate) fn session(&self) -> Result<Session> {
        match self {
            Self::V1 { url, user } => v1::session(url, user),
            Self::V3 {
                url,
                identity,
                interface,
                region,
            } => v3::session(url, identity, interface, region.as_deref()),
        }
    }
}

impl Session {
    fn new(token: String, storage: Option<String>, lifetime: Option<Duration>) -> Self {
        let lifetime = lifetime.map(|lifetime| lifetime.saturating_sub(MARGIN));
        Self {
            token,
            storage: storage.map(|url| url.trim_end_matches('/').to_owned()),
            good_until: lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime)),
        }
    }

    /// Whether the token will be taken, as far as is known.
    pub(crate) fn is_good(&self) -> bool {
        self.good_until.is_none_or(|end| Instant::now() < end)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

/// The answer of whoever one logs in at. Nothing at that address is a mistake of the
/// configuration, and no object that might appear later.
fn accepted(response: Response, url: &str) -> Result<Response> {
    match response.status() {
        401 => Err(Error::unauthenticated("the system refuses the user or the key").about(url)),
        404 | 405 | 410 => {
            Err(Error::invalid("nobody can log in at this address").about("auth_url"))
        }
        // Redirects of a POST are not followed.
        300..=399 => Err(Error::invalid("this address leads to another").about("auth_url")),
        _ => crate::client::accepted(response, url),
    }
}

/// The token of an answer that has to have one.
fn token(response: &Response, header: &str, url: &str) -> Result<String> {
    let token = response.header(header).filter(|token| !token.is_empty());
    token.ok_or_else(|| Error::unavailable("the system gave no token").about(url))
}
