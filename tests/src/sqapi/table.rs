//! The table `messages`, looked at as anybody would.

use serde_json::Value;
use sqlx::{PgPool, Row as _};

use crate::wait;

/// The table in a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct Table(PgPool);

/// What is known of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The column `status`.
    pub status: String,
    /// The column `info`.
    pub info: Option<String>,
    /// The column `results`; null where it is empty.
    pub results: Value,
    /// The column `data_location`.
    pub data_location: Option<String>,
}

impl Table {
    /// The table of this database, which need not be there yet.
    ///
    /// # Panics
    ///
    /// When the URL is none.
    pub fn new(url: &str) -> Self {
        Self(PgPool::connect_lazy(url).expect("a URL"))
    }

    /// What is known of a message, if anything is.
    pub async fn get(&self, uuid: &str) -> Option<State> {
        let query = "SELECT status, info, results, data_location FROM messages WHERE uuid = $1";
        let row = sqlx::query(query).bind(uuid).fetch_optional(&self.0);
        let row = row.await.ok()??;
        let results: Option<String> = row.get("results");
        Some(State {
            status: row.get("status"),
            info: row.get("info"),
            results: results
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default(),
            data_location: row.get("data_location"),
        })
    }

    /// Waits until a message has this status.
    pub async fn reaches(&self, uuid: &str, status: &str) -> State {
        wait::until(&format!("{uuid} is {status}"), async || {
            let state = self.get(uuid).await;
            state.filter(|state| state.status == status)
        })
        .await
    }

    /// How many messages have this status; 0 while there is no table.
    pub async fn count(&self, status: &str) -> i64 {
        let query = "SELECT count(*) FROM messages WHERE status = $1";
        let count = sqlx::query_scalar(query).bind(status).fetch_one(&self.0);
        count.await.unwrap_or_default()
    }

    /// Waits until so many messages have this status.
    pub async fn holds(&self, count: i64, status: &str) {
        wait::until(&format!("{count} are {status}"), async || {
            (self.count(status).await >= count).then_some(())
        })
        .await;
    }

    /// Waits until this is all there is: so many messages of this status. One
    /// that was done and is delivered again goes through its states again.
    pub async fn holds_only(&self, count: i64, status: &str) {
        let expected = [(status.to_owned(), count)];
        wait::until(&format!("all {count} are {status}"), async || {
            (self.counts().await == expected).then_some(())
        })
        .await;
    }

    /// All statuses, with their counts.
    pub async fn counts(&self) -> Vec<(String, i64)> {
        let query = "SELECT status, count(*) FROM messages GROUP BY status ORDER BY status";
        let counts = sqlx::query_as(query).fetch_all(&self.0).await;
        counts.unwrap_or_default()
    }

    /// How often a hostile processor counted this message.
    pub async fn tries(&self, deed: &str, uuid: &str) -> i64 {
        let query = "SELECT tries FROM tries WHERE deed = $1 AND uuid = $2";
        let tries = sqlx::query_scalar(query).bind(deed).bind(uuid);
        tries.fetch_one(&self.0).await.unwrap_or_default()
    }

    /// Rows of any table.
    pub async fn rows_of(&self, table: &str) -> i64 {
        let query = format!("SELECT count(*) FROM {table}");
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.0);
        count.await.unwrap_or_default()
    }
}
