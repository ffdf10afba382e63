//! Answers to a registry that asks who is there: HTTP's Basic, or a bearer
//! token from the service that the registry names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::session::{Purpose, Session};
use super::{Credentials, Error, body};

/// Tokens have a few kilobytes.
const TOKEN_BYTES_MAX: u64 = 64 << 10;
/// Docker Hub's, which lives on a host of its own.
const DOCKER_HUB_TOKENS: (&str, &str) = ("docker.io", "https://auth.docker.io");

/// What a registry wants to see.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// A token service's answer, in the form of Docker, of OAuth, or of both.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// The header that answers a 401.
pub(super) async fn answer(session: &Session, headers: &HeaderMap) -> Result<HeaderValue, Error> {
    let registry = &session.repository.registry;
    let found = challenges(headers);
    let bearer = found.iter().find_map(|challenge| match challenge {
        Challenge::Bearer { realm, service } => Some((realm, service)),
        Challenge::Basic => None,
    });
    if let Some((realm, service)) = bearer {
        return token(session, realm, service.as_deref()).await;
    }
    if found.is_empty() {
        return Err(Error::Denied(format!(
            "{registry} refuses, and asks for neither a password nor a token"
        )));
    }
    match &session.access.credentials {
        Some(credentials) => basic(credentials).ok_or_else(|| unsendable(registry)),
        None => Err(Error::Denied(format!(
            "{registry} asks for a user name and a password; none are configured for it"
        ))),
    }
}

async fn token(
    session: &Session,
    realm: &str,
    service: Option<&str>,
) -> Result<HeaderValue, Error> {
    let registry = &session.repository.registry;
    let url = Url::parse(realm);
    let mut url = url.map_err(|_| session.bad("names a token service that is no address"))?;
    if !session.is_safe(&url) {
        return Err(session.bad("names a token service without TLS"));
    }
    let actions = match session.purpose {
        Purpose::Pull => "pull",
        Purpose::Push => "pull,push",
    };
    let scope = format!("repository:{}:{actions}", session.repository.path);
    url.query_pairs_mut().append_pair("scope", &scope);
    if let Some(service) = service {
        url.query_pairs_mut().append_pair("service", service);
    }
    let mut request = session.http.get(url.clone());
    if let Some(credentials) = &session.access.credentials {
        if !is_trusted(session, &url) {
            let service = url.origin().ascii_serialization();
            return Err(Error::Denied(format!(
                "{registry} wants its password sent to {service}; \
                 if that is right, name it as the registry's token_service"
            )));
        }
        let basic = basic(credentials).ok_or_else(|| unsendable(registry))?;
        request = request.header(AUTHORIZATION, basic);
    }
    let request = request.build().map_err(|error| session.failed(error))?;
    let response = session.execute(request).await?;
    let what = format!("a token for {}", session.repository);
    let response = session.expect(response, StatusCode::OK, &what).await?;
    let bytes = body::read(session, response, &what, TOKEN_BYTES_MAX).await?;
    let token = serde_json::from_slice::<Token>(&bytes).ok();
    let token = token.and_then(|token| token.token.or(token.access_token));
    let header = token.and_then(|token| header("Bearer", &token));
    header.ok_or_else(|| session.bad("has a token service that answers without a token"))
}

/// Whether the registry's credentials are for this token service, too.
fn is_trusted(session: &Session, url: &Url) -> bool {
    let named = session.access.token_service.as_ref();
    let (registry, service) = DOCKER_HUB_TOKENS;
    session.is_own(url)
        || named.is_some_and(|named| named.origin() == url.origin())
        || (session.repository.registry == registry
            && url.origin().ascii_serialization() == service)
}

fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter();
    let texts = texts.filter_map(|value| value.to_str().ok());
    let parsed = texts.filter_map(|text| http_auth::parse_challenges(text).ok());
    parsed.flatten().filter_map(|found| read(&found)).collect()
}

fn read(challenge: &http_auth::ChallengeRef<'_>) -> Option<Challenge> {
    if challenge.scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    let parameter = |name: &str| {
        let named = |(key, _): &&(&str, _)| key.eq_ignore_ascii_case(name);
        let (_, value) = challenge.params.iter().find(named)?;
        Some(value.to_unescaped())
    };
    let is_bearer = challenge.scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then_some(())?;
    Some(Challenge::Bearer {
        realm: parameter("realm")?,
        service: parameter("service"),
    })
}

fn basic(credentials: &Credentials) -> Option<HeaderValue> {
    let Credentials { username, password } = credentials;
    let pair = SecretString::from(format!("{username}:{}", password.expose_secret()));
    header("Basic", &STANDARD.encode(pair.expose_secret()))
}

/// A header that no log shows.
fn header(scheme: &str, value: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("{scheme} {value}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn unsendable(registry: &str) -> Error {
    Error::Denied(format!(
        "{registry}: user name and password fit in no header"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[&str], expected: &[Challenge]) {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(WWW_AUTHENTICATE, header.parse().unwrap());
        }
        assert_eq!(challenges(&map), expected, "{headers:?}");
    }

    #[test]
    fn reads_what_registries_ask() {
        let bearer = |service: Option<&str>| Challenge::Bearer {
            realm: "https://a.example/token".to_owned(),
            service: service.map(str::to_owned),
        };
        check(&[], &[]);
        check(&["Basic realm=\"x\""], &[Challenge::Basic]);
        check(
            &["Bearer realm=\"https://a.example/token\",service=\"r\",scope=\"repository:x:pull\""],
            &[bearer(Some("r"))],
        );
        check(
            &["Basic realm=x", "bearer Realm=\"https://a.example/token\""],
            &[Challenge::Basic, bearer(None)],
        );
        check(&["Bearer service=\"r\""], &[]);
        check(&["Negotiate"], &[]);
        check(&["\"\""], &[]);
    }
}
