//! From a URL to connections.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};

use super::{Error, Result};

/// Catalogs are read and written rarely; a host shares the server with others.
const CONNECTIONS_MAX: u32 = 4;

/// What a path may not hold in a URL.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'?').add(b'#').add(b'%');

/// What SQLite is told of each connection. The time limit comes first: the
/// next line waits for others under it. An activation that was confirmed
/// survives a power cut.
const PRAGMAS: [&str; 3] = [
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
];

/// Parameters that are understood in the URL of a PostgreSQL database. One
/// that is not would be logged with its value, which may be a password under
/// a misspelt name.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// A database by its URL.
#[derive(Clone)]
pub(super) struct Place {
    options: AnyConnectOptions,
    /// The file, when it is SQLite's.
    file: Option<PathBuf>,
    /// For people: without user and password.
    name: String,
}

impl Place {
    pub(super) fn new(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(url).map_err(|_| Error::Url)?;
        let parsed = &options.database_url;
        match parsed.scheme() {
            "sqlite" => {}
            // Anything less has its password in what is shown as its path.
            "postgres" | "postgresql" if parsed.has_authority() => {}
            _ => return Err(Error::Url),
        }
        let file = url.strip_prefix("sqlite:").and_then(file);
        let name = match &file {
            Some(file) => file.display().to_string(),
            None => {
                let url = &options.database_url;
                let port = url.port().unwrap_or(5432);
                format!(
                    "{}:{port}{}",
                    url.host_str().unwrap_or_default(),
                    url.path()
                )
            }
        };
        let place = Self {
            options,
            file,
            name,
        };
        place.check_parameters()?;
        Ok(place)
    }

    pub(super) fn is_embedded(&self) -> bool {
        self.options.database_url.scheme() == "sqlite"
    }

    fn check_parameters(&self) -> Result<()> {
        if self.is_embedded() {
            return Ok(());
        }
        let known = |key: &str| {
            PARAMETERS.contains(&key) || (key.starts_with("options[") && key.ends_with(']'))
        };
        let mut keys = self.options.database_url.query_pairs();
        match keys.find(|(key, _)| !known(key)) {
            Some((key, _)) => Err(Error::Parameter(key.into_owned())),
            None => Ok(()),
        }
    }

    /// Connects, and says what is wrong after `timeout` at the latest.
    pub(super) async fn connect(&self, timeout: Duration) -> Result<AnyPool> {
        if let Some(file) = &self.file {
            make(file).map_err(|error| self.failed(error.into()))?;
        }
        let embedded = self.is_embedded();
        let pool = AnyPoolOptions::new()
            // One writer is all that SQLite has.
            .max_connections(if embedded { 1 } else { CONNECTIONS_MAX })
            .acquire_timeout(timeout)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if embedded {
                        for pragma in PRAGMAS {
                            connection.execute(pragma).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect_with(self.options.clone())
            .await;
        match pool {
            Ok(pool) => Ok(pool),
            Err(sqlx::Error::PoolTimedOut) => Err(self.failed(self.cause(timeout).await)),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Why there is no connection: the pool, which waits for a server that
    /// may be starting, does not tell what for.
    async fn cause(&self, timeout: Duration) -> sqlx::Error {
        let direct = AnyConnection::connect_with(&self.options);
        match tokio::time::timeout(timeout, direct).await {
            Ok(Err(cause)) => cause,
            Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
        }
    }

    fn failed(&self, cause: sqlx::Error) -> Error {
        Error::Open {
            database: self.name.clone(),
            cause,
        }
    }
}

/// The URL of an SQLite file, made when it is missing.
pub(super) fn url_of(file: &Path) -> String {
    let path = file.to_string_lossy();
    format!("sqlite:{}?mode=rwc", utf8_percent_encode(&path, PATH))
}

/// The file that the rest of an SQLite URL names; none for a database that is
/// kept in memory.
fn file(rest: &str) -> Option<PathBuf> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    if path == ":memory:" || parameters.contains("mode=memory") {
        return None;
    }
    let path = percent_decode_str(path).decode_utf8_lossy();
    Some(PathBuf::from(path.into_owned()))
}

/// Makes the file and the folders above it, for nobody else to read: it holds
/// plugins and who did what.
fn make(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
