//! A database of its own on a real PostgreSQL, for as long as it is used.

mod server;

pub use server::Server;

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, Executor as _, PgConnection};

const SERVER_VARIABLE: &str = "TENON_TEST_POSTGRES_URL";
const SERVER: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// An empty database.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// When there is no server that allows it.
    pub async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database = Self {
            server: std::env::var(SERVER_VARIABLE).unwrap_or_else(|_| SERVER.to_owned()),
            name: format!("tenon_test_{}_{number}", std::process::id()),
        };
        // One that a killed run of the same number left behind.
        run(&database.server, &database.removal()).await;
        run(
            &database.server,
            &format!("CREATE DATABASE {}", database.name),
        )
        .await;
        database
    }

    /// How hosts name it.
    ///
    /// # Panics
    ///
    /// When the server's URL names no database.
    pub fn url(&self) -> String {
        let (server, query) = match self.server.split_once('?') {
            Some((server, query)) => (server, format!("?{query}")),
            None => (&*self.server, String::new()),
        };
        let (server, _) = server.rsplit_once('/').expect("a database in the URL");
        format!("{server}/{}{query}", self.name)
    }

    fn removal(&self) -> String {
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), self.removal());
        // Whatever runtime this happens on, it cannot be waited for there.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(run(&server, &statement));
        });
        _ = dropped.join();
    }
}

async fn run(server: &str, statement: &str) {
    let connection = PgConnection::connect(server).await;
    let mut connection = connection.unwrap_or_else(|error| {
        panic!("no PostgreSQL where {SERVER_VARIABLE} says: {error}");
    });
    let done = connection
        .execute(sqlx::AssertSqlSafe(statement.to_owned()))
        .await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
