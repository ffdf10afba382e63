//! A schema of a test's own on a real PostgreSQL.

use tokio_postgres::NoTls;
use uuid::Uuid;

use super::*;
use crate::capability::http::Certificates;

const VARIABLE: &str = "TENON_TEST_POSTGRES_URL";
const DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres";

pub(super) struct Schema {
    name: String,
}

impl Schema {
    /// An empty schema on the server that `TENON_TEST_POSTGRES_URL` names.
    pub(super) async fn new() -> Self {
        let name = format!("tenon_{}", Uuid::new_v4().simple());
        let schema = Self { name };
        run(format!("CREATE SCHEMA {}", schema.name)).await;
        schema
    }

    pub(super) fn url(&self) -> String {
        let mut url: url::Url = server().parse().unwrap();
        let options = format!("-c search_path={}", self.name);
        url.query_pairs_mut().append_pair("options", &options);
        // libpq has no pluses for blanks.
        url.as_str().replace('+', "%20")
    }

    pub(super) fn settings(&self) -> Settings {
        let target = Target::postgres(&self.url().into(), Certificates::default());
        Settings::new(target.unwrap())
    }

    pub(super) fn rig(&self) -> Rig {
        Rig::new(self.settings())
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let statement = format!("DROP SCHEMA {} CASCADE", self.name);
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(statement));
        });
        _ = dropped.join();
    }
}

fn server() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned())
}

/// Runs a statement past the capability.
pub(super) async fn run(statement: String) {
    let connected = tokio_postgres::connect(&server(), NoTls).await;
    let (client, connection) = connected.unwrap_or_else(|error| {
        panic!("these tests need a PostgreSQL server, named by {VARIABLE}: {error}")
    });
    let connection = tokio::spawn(connection);
    client.batch_execute(&statement).await.unwrap();
    drop(client);
    _ = connection.await;
}
