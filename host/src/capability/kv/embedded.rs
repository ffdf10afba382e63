//! A store in a file of SQLite.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::SqlitePool;

use super::{Result, Value, too_large};
use crate::capability::embedded::{File, failed};

/// Readers at one time; SQLite has one writer anyway.
const CONNECTIONS_MAX: u32 = 4;

/// A key has either a value or fields.
const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fields (
    key TEXT NOT NULL,
    field TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (key, field)
) WITHOUT ROWID;";

/// One file.
#[derive(Debug)]
pub(super) struct Store(File);

impl Store {
    pub(super) fn new(path: PathBuf, writable: bool, timeout: Duration) -> Self {
        Self(File::new(path, writable, CONNECTIONS_MAX, timeout))
    }

    async fn pool(&self, name: &str) -> Result<&SqlitePool> {
        failed(self.0.pool(SCHEMA).await, name)
    }

    pub(super) async fn get(&self, name: &str, key: &str, bytes_max: u64) -> Result<Option<Value>> {
        let pool = self.pool(name).await?;
        let mut transaction = failed(pool.begin().await, name)?;
        // Sizes first: what is too large is never loaded.
        let sizes: (Option<i64>, Option<i64>) = failed(
            sqlx::query_as(
                "SELECT (SELECT length(value) FROM entries WHERE key = $1), \
                 (SELECT sum(length(CAST(field AS BLOB)) + length(value)) FROM fields \
                  WHERE key = $1)",
            )
            .bind(key)
            .fetch_one(&mut *transaction)
            .await,
            name,
        )?;
        let is_too_large = |size: &i64| u64::try_from(*size).is_ok_and(|size| size > bytes_max);
        if [sizes.0, sizes.1].iter().flatten().any(is_too_large) {
            return Err(too_large(bytes_max).into());
        }
        if sizes.0.is_some() {
            let value = sqlx::query_scalar("SELECT value FROM entries WHERE key = $1")
                .bind(key)
                .fetch_one(&mut *transaction)
                .await;
            return failed(value, name).map(|value| Some(Value::Bytes(value)));
        }
        let fields = sqlx::query_as("SELECT field, value FROM fields WHERE key = $1")
            .bind(key)
            .fetch_all(&mut *transaction)
            .await;
        let fields: Vec<(String, Vec<u8>)> = failed(fields, name)?;
        Ok((!fields.is_empty()).then_some(Value::Hash(fields)))
    }

    pub(super) async fn set(&self, name: &str, key: &str, value: &Value) -> Result<()> {
        let pool = self.pool(name).await?;
        let store = async {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            remove(&mut transaction, key).await?;
            match value {
                Value::Bytes(bytes) => {
                    sqlx::query("INSERT INTO entries (key, value) VALUES ($1, $2)")
                        .bind(key)
                        .bind(bytes)
                        .execute(&mut *transaction)
                        .await?;
                }
                Value::Hash(fields) => {
                    for (field, value) in fields {
                        sqlx::query(
                            "INSERT OR REPLACE INTO fields (key, field, value) VALUES ($1, $2, $3)",
                        )
                        .bind(key)
                        .bind(field)
                        .bind(value)
                        .execute(&mut *transaction)
                        .await?;
                    }
                }
            }
            transaction.commit().await
        };
        failed(store.await, name)
    }

    pub(super) async fn delete(&self, name: &str, key: &str) -> Result<()> {
        let pool = self.pool(name).await?;
        let delete = async {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            remove(&mut transaction, key).await?;
            transaction.commit().await
        };
        failed(delete.await, name)
    }
}

async fn remove(connection: &mut sqlx::SqliteConnection, key: &str) -> sqlx::Result<()> {
    for statement in [
        "DELETE FROM entries WHERE key = $1",
        "DELETE FROM fields WHERE key = $1",
    ] {
        sqlx::query(statement)
            .bind(key)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
