//! A database of a test's own, gone with it.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use uuid::Uuid;

use super::Persistence;

const VARIABLE: &str = "TENON_TEST_POSTGRES_URL";
const DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres";

pub(super) struct Database {
    pub(super) url: String,
    place: Place,
}

enum Place {
    File(TempDir),
    /// The URL that it was made through, and its name.
    Server(String, String),
}

impl Database {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: Persistence::url_of(&folder.path().join("tenon.db")),
            place: Place::File(folder),
        }
    }

    /// A new database of the server that `TENON_TEST_POSTGRES_URL` names.
    pub(super) async fn postgres() -> Self {
        let server = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
        let name = format!("tenon_test_{}", Uuid::new_v4().simple());
        if let Err(error) = run(&server, format!("CREATE DATABASE {name}")).await {
            panic!("these tests need a PostgreSQL server, named by {VARIABLE}: {error}");
        }
        let mut url: url::Url = server.parse().unwrap();
        url.set_path(&name);
        Self {
            url: url.into(),
            place: Place::Server(server, name),
        }
    }

    pub(super) async fn open(&self) -> Persistence {
        Persistence::open(&self.url).await.unwrap()
    }

    /// Another URL of the same database.
    pub(super) fn with_port(&self, port: u16) -> String {
        let mut url: url::Url = self.url.parse().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        url.into()
    }

    /// The folder of the file, if it is one.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        match &self.place {
            Place::File(folder) => Some(folder.path().to_owned()),
            Place::Server(..) => None,
        }
    }
}

async fn run(url: &str, statement: String) -> sqlx::Result<()> {
    sqlx::any::install_default_drivers();
    let connecting = tokio::time::timeout(Duration::from_secs(20), AnyConnection::connect(url));
    let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

impl Drop for Database {
    fn drop(&mut self) {
        let Place::Server(server, name) = &self.place else {
            return;
        };
        let (server, statement) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        // The test's own runtime cannot be waited for from within.
        let dropped = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(run(&server, statement))
        });
        if let Err(error) = dropped.join().unwrap() {
            eprintln!("{name} stays behind: {error}");
        }
    }
}
