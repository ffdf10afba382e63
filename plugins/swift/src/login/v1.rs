//! Swift's own authentication, version 1: user and key are headers, and so are the token, its
//! lifetime in seconds, and the account's address.

use std::time::Duration;

use tenon_sdk::{Result, http::Request, secret};

use super::{KEY, Session, accepted, token};

pub(super) fn session(url: &str, user: &str) -> Result<Session> {
    let request = Request::get(url)
        .header("x-auth-user", user)
        .header("x-auth-key", secret::placeholder(KEY)?);
    let response = accepted(request.send()?, url)?;
    let lifetime = response.header("x-auth-token-expires");
    let lifetime = lifetime.and_then(|seconds| seconds.trim().parse().ok());
    Ok(Session::new(
        token(&response, "x-auth-token", url)?,
        response.header("x-storage-url"),
        lifetime.map(Duration::from_secs),
    ))
}
