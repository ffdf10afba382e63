//! Databases in files of SQLite.
//!
//! A guest sees the one file that is granted: statements that could open
//! another one, such as `ATTACH`, do not pass. One statement at a time writes.

mod column;
mod text;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use futures::{TryStreamExt as _, pin_mut};
use sqlx::sqlite::SqliteArguments;
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Executor as _, SqlSafeStr as _, SqliteConnection,
    Statement as _,
};
use tokio::sync::Mutex;

use self::watch::Watch;
use super::grant::Settings;
use super::packed::{Rows, Value};
use super::{Access, Result, Statement};
use crate::capability::Refusal;
use crate::capability::embedded::{self, File};

/// Connections to one file.
#[derive(Debug)]
pub(super) struct Pool {
    file: File,
    access: Access,
    /// Who holds it may write. Waiting for it is fair, which waiting for the
    /// file's own lock is not.
    writer: Mutex<()>,
    timeout: Duration,
    statement_timeout: Duration,
}

impl Pool {
    pub(super) fn new(path: PathBuf, settings: Settings) -> Self {
        let writable = settings.access == Access::ReadWrite;
        let timeout = settings.connect_timeout;
        Self {
            file: File::new(path, writable, settings.connections_max, timeout),
            access: settings.access,
            writer: Mutex::default(),
            timeout,
            statement_timeout: settings.statement_timeout,
        }
    }

    pub(super) async fn execute(
        &self,
        name: &str,
        statements: &[Statement<'_>],
        result_bytes_max: u64,
    ) -> Result<Option<Rows>> {
        let mut reads = true;
        let mut session = false;
        for statement in statements {
            let found = text::read(statement.text);
            let found = found.map_err(|error| Refusal::invalid(error.to_string(), "statements"))?;
            let (given, expected) = (statement.parameters.len(), found.parameters);
            if given != expected {
                let message = format!("{given} parameters for a statement with {expected}");
                return Err(Refusal::invalid(message, "parameters"));
            }
            reads &= found.reads;
            session |= found.leaves_session;
        }
        if self.access == Access::ReadOnly && !reads {
            return Err(Refusal::denied("the database is granted for reading", name));
        }
        let failed = |error: sqlx::Error| {
            if embedded::is_interrupt(&error) {
                let limit = self.statement_timeout.as_millis();
                let message = format!("stopped at the grant's `statement_timeout_ms` ({limit} ms)");
                return Failure::Refused(Refusal::unavailable(message, name));
            }
            Failure::Sqlite(error)
        };
        let _turn = match reads {
            true => None,
            false => {
                let turn = tokio::time::timeout(self.timeout, self.writer.lock()).await;
                Some(turn.map_err(|_| Refusal::unavailable("others write to it", name))?)
            }
        };
        let pool = embedded::failed(self.file.pool("").await, name)?;
        let mut connection = embedded::failed(pool.acquire().await, name)?;
        if session {
            connection.close_on_drop();
        }
        let watch = embedded::failed(Watch::of(&mut connection, result_bytes_max).await, name)?;
        let work = self.run_all(&mut connection, &watch, reads, statements, result_bytes_max);
        let outcome = work.await.map_err(|failure| match failure {
            Failure::Sqlite(error) => failed(error),
            failure => failure,
        });
        outcome.map_err(|failure| match failure {
            Failure::Sqlite(error) => embedded::refusal(&error, name),
            Failure::Refused(refusal) => refusal,
        })
    }

    async fn run_all(
        &self,
        connection: &mut SqliteConnection,
        watch: &Watch,
        reads: bool,
        statements: &[Statement<'_>],
        result_bytes_max: u64,
    ) -> std::result::Result<Option<Rows>, Failure> {
        use sqlx::Connection as _;
        if let [one] = statements {
            watch.begin(self.statement_timeout);
            return run(connection, one, result_bytes_max).await;
        }
        // Taking the lock at once, so that a statement half-way does not find
        // that another has it. Dropped, the transaction is rolled back.
        let begin = if reads { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let mut transaction = connection.begin_with(begin).await?;
        let mut rows = None;
        for statement in statements {
            watch.begin(self.statement_timeout);
            rows = run(&mut transaction, statement, result_bytes_max).await?;
        }
        transaction.commit().await?;
        Ok(rows)
    }
}

/// Why an operation came to nothing.
#[derive(Debug)]
enum Failure {
    Sqlite(sqlx::Error),
    Refused(Refusal),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<crate::capability::Limit> for Failure {
    fn from(limit: crate::capability::Limit) -> Self {
        Self::Refused(limit.into())
    }
}

async fn run(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
    result_bytes_max: u64,
) -> std::result::Result<Option<Rows>, Failure> {
    // A guest's statement is what it is for; the grant is the border.
    let text = AssertSqlSafe(statement.text.to_owned()).into_sql_str();
    let prepared = connection.prepare(text).await?;
    let query = prepared.query_with(arguments(&statement.parameters)?);
    if prepared.columns().is_empty() {
        query.execute(&mut *connection).await?;
        return Ok(None);
    }
    let forms = column::forms(connection, prepared.columns()).await?;
    let names = prepared.columns().iter().map(|column| column.name());
    let mut rows = Rows::new(names, result_bytes_max)?;
    let stream = query.fetch(&mut *connection);
    pin_mut!(stream);
    while let Some(row) = stream.try_next().await? {
        rows.add(|into| column::write_row(&row, &forms, into).map_err(Failure::from))?;
    }
    Ok(Some(rows))
}

fn arguments(values: &[Value<'_>]) -> std::result::Result<SqliteArguments, Failure> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Boolean(value) => arguments.add(*value),
            Value::Integer(value) => arguments.add(*value),
            Value::Float(value) => arguments.add(*value),
            Value::Text(_, text) => arguments.add(*text),
            Value::Bytes(bytes) => arguments.add(*bytes),
            Value::Array(_) => {
                let refusal = Refusal::unsupported("SQLite has no arrays", "parameters");
                return Err(refusal.into());
            }
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
