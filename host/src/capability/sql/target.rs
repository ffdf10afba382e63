//! Which database, and how it is reached.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use url::Url;

use crate::capability::http::{Certificates, ClientError};

/// Parameters that are understood in the URL of a PostgreSQL database, besides
/// `sslmode`. Others may be a password under a misspelt name, and are refused.
const PARAMETERS: [&str; 7] = [
    "application_name",
    "dbname",
    "host",
    "options",
    "password",
    "port",
    "user",
];

/// A database.
#[derive(Debug, Clone)]
pub enum Target {
    /// On a server.
    Postgres(Box<Server>),
    /// In a file, which is made when it is missing.
    Sqlite(PathBuf),
}

/// A database of a PostgreSQL server.
#[derive(Clone)]
pub struct Server {
    pub(super) config: Config,
    pub(super) verify: bool,
    /// Whom to believe about who the server is.
    pub(super) certificates: Certificates,
}

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tls {
    /// It is not.
    Off,
    /// It is where the server can; nobody looks who that is.
    #[default]
    Prefer,
    /// It is; nobody looks to whom.
    Require,
    /// It is, to a server whose certificate names it.
    Verify,
}

/// Settings that no connection can be tried with. Never quotes them: they hold
/// passwords.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Neither of the kinds that there are.
    #[error("expected `postgres://…` or `sqlite:<path>`")]
    Kind,
    /// A URL that does not say where the database is.
    #[error("not the URL of a PostgreSQL database that can be understood")]
    Url,
    /// A parameter of a URL.
    #[error("the URL has a parameter `{0}`, which is not known")]
    Parameter(String),
    /// The value of `sslmode`.
    #[error("`sslmode` is none of `disable`, `prefer`, `require` and `verify-full`")]
    SslMode,
    /// The authorities are no certificates.
    #[error(transparent)]
    Tls(#[from] ClientError),
}

impl Tls {
    /// The word of a configuration, or of libpq's `sslmode`.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "off" | "disable" => Self::Off,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify" | "verify-full" => Self::Verify,
            _ => return None,
        })
    }

    const fn mode(self) -> SslMode {
        match self {
            Self::Off => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::Verify => SslMode::Require,
        }
    }
}

impl Target {
    /// The database of a PostgreSQL URL.
    ///
    /// # Errors
    ///
    /// [`TargetError`], which holds nothing of the URL's credentials.
    pub fn postgres(url: &SecretString, certificates: Certificates) -> Result<Self, TargetError> {
        let mut url = Url::parse(url.expose_secret()).map_err(|_| TargetError::Url)?;
        // Anything less has its password in what is taken for its path.
        if !matches!(url.scheme(), "postgres" | "postgresql") || !url.has_authority() {
            return Err(TargetError::Kind);
        }
        let mut tls = Tls::default();
        let mut others = Vec::new();
        for (key, value) in url.query_pairs() {
            match &*key {
                "sslmode" => tls = Tls::of(&value).ok_or(TargetError::SslMode)?,
                known if PARAMETERS.contains(&known) => {
                    others.push((key.into_owned(), value.into_owned()));
                }
                _ => return Err(TargetError::Parameter(key.into_owned())),
            }
        }
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(others);
        }
        // Where form encoding has a plus for a blank, this parser has a plus.
        let url = url.as_str().replace('+', "%20");
        let config = Config::from_str(&url).map_err(|_| TargetError::Url)?;
        Self::server(config, tls, certificates)
    }

    /// The database that parts name. What is not said is libpq's default,
    /// `localhost:5432`.
    pub fn of_parts(
        host: &str,
        port: u16,
        user: &str,
        password: Option<&SecretString>,
        database: &str,
        tls: Tls,
        certificates: Certificates,
    ) -> Result<Self, TargetError> {
        let mut config = Config::new();
        config.host(host).port(port).user(user).dbname(database);
        if let Some(password) = password {
            config.password(password.expose_secret());
        }
        Self::server(config, tls, certificates)
    }

    fn server(
        mut config: Config,
        tls: Tls,
        certificates: Certificates,
    ) -> Result<Self, TargetError> {
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(TargetError::Url);
        }
        config.ssl_mode(tls.mode());
        Ok(Self::Postgres(Box::new(Server {
            config,
            verify: tls == Tls::Verify,
            certificates,
        })))
    }

    /// Everything that tells one from another.
    pub(super) fn parts(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Sqlite(file) => vec![file.as_os_str().as_encoded_bytes().to_vec()],
            Self::Postgres(server) => vec![
                // Without the password, which its library never shows.
                format!("{:?} {}", server.config, server.verify).into_bytes(),
                server.config.get_password().unwrap_or_default().to_vec(),
                server.certificates.extra.clone(),
                vec![u8::from(server.certificates.only_extra)],
            ],
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Server, TargetError> {
        match Target::postgres(&url.into(), Certificates::default())? {
            Target::Postgres(server) => Ok(*server),
            Target::Sqlite(_) => Err(TargetError::Kind),
        }
    }

    #[test]
    fn a_url_in_all_its_parts() {
        let server =
            target("postgresql://ann:a%20b%2Bc@db:6432/main?sslmode=verify-full&options=-c%20a=b");
        let server = server.unwrap();
        assert_eq!(server.config.get_password(), Some(&b"a b+c"[..]));
        assert_eq!(server.config.get_user(), Some("ann"));
        assert_eq!(server.config.get_ports(), [6432]);
        assert_eq!(server.config.get_dbname(), Some("main"));
        assert_eq!(server.config.get_options(), Some("-c a=b"));
        assert_eq!(server.config.get_ssl_mode(), SslMode::Require);
        assert!(server.verify);
        let server = target("postgres://db/main").unwrap();
        assert_eq!(server.config.get_ssl_mode(), SslMode::Prefer);
    }

    #[test]
    fn what_is_wrong_is_never_quoted() {
        for url in [
            "mysql://ann:hush@db/main",
            "postgres:ann:hush@db/main",
            "postgres://ann:hush@db/main?passwort=hush",
            "postgres://ann:hush@db/main?sslmode=hush",
            "postgres://ann:hush@db:port/main",
            "postgres://ann:hush@/main",
            "hush",
        ] {
            let error = target(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
        }
        let server = target("postgres://ann:hush@db/main").unwrap();
        assert!(!format!("{server:?}").contains("hush"));
    }

    #[test]
    fn passwords_tell_targets_apart() {
        let parts = |url: &str| {
            Target::postgres(&url.into(), Certificates::default())
                .unwrap()
                .parts()
        };
        assert!(parts("postgres://a:b@db/x") != parts("postgres://a:c@db/x"));
        assert!(parts("postgres://a:b@db/x") == parts("postgres://a:b@db/x"));
    }
}
