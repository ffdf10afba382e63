//! The schema, one file per step. A step that was released never changes.

use sqlx::AnyPool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::Result;

const STEPS: [(&str, &str); 2] = [
    ("catalog", include_str!("migrations/0001_catalog.sql")),
    ("messages", include_str!("migrations/0002_messages.sql")),
];

/// Brings the schema up to date. Hosts that start together take turns.
pub(super) async fn migrate(pool: &AnyPool, embedded: bool) -> Result<()> {
    let steps = (1..).zip(STEPS).map(|(version, (name, sql))| {
        // The one type whose name is not the same in both.
        let sql = match embedded {
            true => sql.replace("BYTEA", "BLOB"),
            false => sql.to_owned(),
        };
        let sql = AssertSqlSafe(sql).into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    let migrator = Migrator::with_migrations(steps.collect());
    if !embedded {
        migrator.run(pool).await?;
        return Ok(());
    }
    // PostgreSQL has locks for the purpose; here the one for writing does.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    migrator.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}
