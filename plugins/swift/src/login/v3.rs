//! Keystone's authentication, version 3, with a password and within a project.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tenon_sdk::{Error, Result, http::Request, secret};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    KEY, Session, accepted,
    catalog::{self, Service},
    token,
};

/// A catalog of every service in dozens of regions stays well below.
const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Who logs in.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) user: String,
    pub(crate) user_domain: String,
    pub(crate) project: String,
    pub(crate) project_domain: String,
}

#[derive(Deserialize)]
struct Answer {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    issued_at: Option<String>,
    expires_at: Option<String>,
    #[serde(default)]
    catalog: Vec<Service>,
}

pub(super) fn session(
    url: &str,
    identity: &Identity,
    interface: &str,
    region: Option<&str>,
) -> Result<Session> {
    let url = format!("{url}/auth/tokens");
    let request = Request::post(&url)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(asked(identity, &secret::placeholder(KEY)?).to_string());
    let response = accepted(request.send()?, &url)?;
    let subject = token(&response, "x-subject-token", &url)?;
    let body = response.into_body()?.read_all(JSON_BYTES_MAX)?;
    // The error itself may quote the answer.
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| Error::unavailable("the system's answer is not Keystone's").about(&url))?;
    let Token {
        issued_at,
        expires_at,
        catalog,
    } = answer.token;
    let lifetime = issued_at
        .zip(expires_at)
        .and_then(|(issued, expires)| lifetime(&issued, &expires));
    let storage = catalog::object_store(catalog, interface, region);
    Ok(Session::new(subject, storage, lifetime))
}

fn asked(identity: &Identity, password: &str) -> serde_json::Value {
    json!({"auth": {
        "identity": {
            "methods": ["password"],
            "password": {"user": {
                "name": identity.user,
                "domain": {"name": identity.user_domain},
                "password": password,
            }},
        },
        "scope": {"project": {
            "name": identity.project,
            "domain": {"name": identity.project_domain},
        }},
    }})
}

/// How long a token is good for. Both times are the server's, whose clock may not be this one.
fn lifetime(issued: &str, expires: &str) -> Option<Duration> {
    let issued = OffsetDateTime::parse(issued, &Rfc3339).ok()?;
    let expires = OffsetDateTime::parse(expires, &Rfc3339).ok()?;
    Some(Duration::try_from(expires - issued).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_the_servers() {
        let issued = "2026-11-28T16:42:06.000000Z";
        for (expires, seconds) in [
            ("2026-11-28T17:42:06.000000Z", Some(3600)),
            ("2026-11-28T17:42:06+00:00", Some(3600)),
            ("2026-11-28T16:42:00Z", Some(0)),
            ("soon", None),
        ] {
            assert_eq!(
                lifetime(issued, expires),
                seconds.map(Duration::from_secs),
                "{expires}"
            );
        }
    }
}
