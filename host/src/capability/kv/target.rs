//! Which store, and how it is reached.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::capability::http::Certificates;

const PORT: u16 = 6379;

/// A store.
#[derive(Debug, Clone)]
pub enum Target {
    /// On a server that speaks Redis' protocol.
    Redis(Box<Redis>),
    /// In a file, which is made when it is missing.
    Embedded(PathBuf),
}

/// A database of a Redis server.
#[derive(Clone)]
pub struct Redis {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The number of the database.
    pub database: u16,
    /// The user; without one the server's default.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
    /// Whether the connection is encrypted, to a server whose certificate
    /// names it.
    pub tls: bool,
    /// Whom to believe about who the server is.
    pub certificates: Certificates,
}

/// Settings that no connection can be tried with. Never quotes them: they hold
/// passwords.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Neither of the kinds that there are.
    #[error("expected `redis://…`, `rediss://…` or `embedded:<path>`")]
    Kind,
    /// A URL that does not say where the store is.
    #[error("not the URL of a Redis database: expected `redis://user:password@host:port/number`")]
    Url,
    /// The authorities are no certificates.
    #[error("the certificates cannot be read: {0}")]
    Certificates(String),
}

impl Redis {
    /// A server's first database, without credentials or encryption.
    pub fn new(host: String, certificates: Certificates) -> Self {
        Self {
            host,
            port: PORT,
            database: 0,
            username: None,
            password: None,
            tls: false,
            certificates,
        }
    }
}

impl Target {
    /// The database of a Redis URL.
    ///
    /// # Errors
    ///
    /// [`TargetError`], which holds nothing of the URL.
    pub fn redis(url: &SecretString, certificates: Certificates) -> Result<Self, TargetError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| TargetError::Url)?;
        let tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(TargetError::Kind),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(TargetError::Url)?;
        // A parameter may be a password under another name.
        if url.query().is_some() || url.fragment().is_some() {
            return Err(TargetError::Url);
        }
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(|it| it.into_owned()).map_err(|_| TargetError::Url)
        };
        let database = match url.path().trim_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| TargetError::Url)?,
        };
        let username = decoded(url.username())?;
        let password = url.password().map(decoded).transpose()?;
        Ok(Self::Redis(Box::new(Redis {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(PORT),
            database,
            username: Some(username).filter(|name| !name.is_empty()),
            password: password.map(SecretString::from),
            tls,
            certificates,
        })))
    }

    /// Everything that tells one from another.
    pub(super) fn parts(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Embedded(file) => vec![file.as_os_str().as_encoded_bytes().to_vec()],
            Self::Redis(server) => {
                let password = server.password.as_ref();
                vec![
                    format!("{server:?}").into_bytes(),
                    format!("{:?}", server.username).into_bytes(),
                    vec![u8::from(password.is_some())],
                    password.map_or(Vec::new(), |it| it.expose_secret().as_bytes().to_vec()),
                    server.certificates.extra.clone(),
                ]
            }
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("tls", &self.tls)
            .field("certificates", &self.certificates)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Redis, TargetError> {
        match Target::redis(&url.into(), Certificates::default())? {
            Target::Redis(server) => Ok(*server),
            Target::Embedded(_) => Err(TargetError::Kind),
        }
    }

    #[test]
    fn a_url_in_all_its_parts() {
        let server = target("rediss://ann:a%20b@cache:6380/3").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("cache", 6380));
        assert_eq!((server.database, server.tls), (3, true));
        assert_eq!(server.username.as_deref(), Some("ann"));
        assert_eq!(server.password.unwrap().expose_secret(), "a b");
        let server = target("redis://:b@[::1]").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 6379));
        assert!(server.username.is_none() && !server.tls);
    }

    #[test]
    fn what_is_wrong_is_never_quoted() {
        for url in [
            "http://ann:hush@cache",
            "redis:hush",
            "redis://ann:hush@cache/hush",
            "redis://ann@cache?password=hush",
            "redis://ann:hush@cache:port",
            "hush",
        ] {
            let error = target(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{url}");
        }
        assert!(!format!("{:?}", target("redis://a:hush@b").unwrap()).contains("hush"));
    }
}
