//! Databases of PostgreSQL.
//!
//! Statements are prepared by the server and parameters never become part of a
//! statement's text. A parameter takes the type that the server infers for its
//! place, and is sent as text, which makes it what an untyped literal would be.

mod column;
mod connect;
mod failure;
mod foreign;
mod lease;
mod numeric;
mod parameter;
mod prepare;
mod time;
mod wire;

use deadpool_postgres::ClientWrapper;
use futures::{TryStreamExt as _, pin_mut};

use self::connect::Connections;
use self::failure::Failure;
use self::lease::Lease;
use self::parameter::Parameter;
use self::prepare::{Within, prepare};
use super::command::{Effect, effect, is_definition};
use super::grant::Settings;
use super::packed::Rows;
use super::target::{Server, TargetError};
use super::{Access, Result, Statement};
use crate::capability::Refusal;

/// Connections to one database, made when they are needed.
#[derive(Debug)]
pub(super) struct Pool {
    connections: Connections,
    access: Access,
}

impl Pool {
    pub(super) fn new(
        server: Server,
        settings: Settings,
    ) -> std::result::Result<Self, TargetError> {
        let access = settings.access;
        let connections = Connections::new(server, settings)?;
        Ok(Self {
            connections,
            access,
        })
    }

    pub(super) async fn execute(
        &self,
        name: &str,
        statements: &[Statement<'_>],
        result_bytes_max: u64,
    ) -> Result<Option<Rows>> {
        let effects = || statements.iter().map(|statement| effect(statement.text));
        if self.access == Access::ReadOnly && effects().any(|effect| effect != Effect::None) {
            return Err(Refusal::denied("the database is granted for reading", name));
        }
        let connection = self.connections.get().await;
        let connection = connection.map_err(|failure| failure.refusal(name))?;
        let lease = Lease::new(connection, self.connections.canceller());
        let knows_statements = lease.client().is_ok_and(|it| it.statement_cache.size() > 0);
        // What a guest has committed itself must not be done a second time.
        let repeats = effects().all(|effect| effect != Effect::Transaction);
        let within = match repeats {
            true => Within::Transaction,
            false => Within::TheirOwn,
        };
        let attempt = |within| self.attempt(&lease, statements, within, result_bytes_max);
        let mut outcome = attempt(within).await;
        if repeats && knows_statements && outcome.as_ref().is_err_and(Failure::may_be_stale) {
            lease.forget_statements();
            outcome = attempt(within).await;
        }
        if matches!(outcome, Err(Failure::Undecided)) {
            outcome = attempt(Within::Savepoints).await;
        }
        if statements
            .iter()
            .any(|statement| is_definition(statement.text))
        {
            self.connections.forget_statements();
        }
        let is_whole = outcome
            .as_ref()
            .map_or_else(Failure::leaves_connection, |_| true);
        if is_whole && effects().all(|effect| effect != Effect::Session) {
            lease.give_back();
        }
        outcome.map_err(|failure| failure.refusal(name))
    }

    /// Runs the statements once. Whatever comes of it, no transaction is left
    /// open unless the connection itself is at fault.
    async fn attempt(
        &self,
        lease: &Lease,
        statements: &[Statement<'_>],
        within: Within,
        result_bytes_max: u64,
    ) -> std::result::Result<Option<Rows>, Failure> {
        let client = lease.client()?;
        let begin = match (statements, self.access) {
            // Some statements, such as VACUUM, run in no transaction; one that
            // begins its own must not be left open.
            ([one], Access::ReadWrite) if effect(one.text) != Effect::Transaction => {
                return run(client, one, Within::Nothing, result_bytes_max).await;
            }
            (_, Access::ReadWrite) => "BEGIN",
            // Asking for something keeps what follows from asking for more.
            (_, Access::ReadOnly) => "BEGIN READ ONLY; SELECT 1",
        };
        client.batch_execute(begin).await?;
        let outcome = run_all(client, statements, within, result_bytes_max).await;
        match outcome {
            Ok(rows) => {
                client.batch_execute("COMMIT").await?;
                Ok(rows)
            }
            Err(failure) if failure.leaves_connection() => {
                client.batch_execute("ROLLBACK").await?;
                Err(failure)
            }
            Err(failure) => Err(failure),
        }
    }
}

async fn run_all(
    client: &ClientWrapper,
    statements: &[Statement<'_>],
    within: Within,
    result_bytes_max: u64,
) -> std::result::Result<Option<Rows>, Failure> {
    let Some((last, before)) = statements.split_last() else {
        return Ok(None);
    };
    for statement in before {
        let prepared = prepare(client, statement, within).await?;
        let parameters = parameters(statement);
        client.execute_raw(&prepared, parameters).await?;
    }
    run(client, last, within, result_bytes_max).await
}

async fn run(
    client: &ClientWrapper,
    statement: &Statement<'_>,
    within: Within,
    result_bytes_max: u64,
) -> std::result::Result<Option<Rows>, Failure> {
    let prepared = prepare(client, statement, within).await?;
    let columns = prepared.columns();
    let parameters = parameters(statement);
    if columns.is_empty() {
        client.execute_raw(&prepared, parameters).await?;
        return Ok(None);
    }
    let mut rows = Rows::new(columns.iter().map(|it| it.name()), result_bytes_max)?;
    let stream = client.query_raw(&prepared, parameters).await?;
    pin_mut!(stream);
    if columns.iter().any(|it| column::is_foreign(it.type_())) {
        let mut kept = Vec::new();
        let mut bytes = 0;
        while let Some(row) = stream.try_next().await? {
            bytes += row.raw_size_bytes() as u64;
            rows.admits(bytes)?;
            kept.push(row);
        }
        let texts = foreign::texts(client, &kept).await?;
        foreign::write(&mut rows, &kept, texts)?;
        return Ok(Some(rows));
    }
    while let Some(row) = stream.try_next().await? {
        rows.add(|into| column::write_row(&row, into, &mut |_, _| Ok(String::new())))?;
    }
    Ok(Some(rows))
}

fn parameters<'a>(statement: &'a Statement<'_>) -> impl ExactSizeIterator<Item = Parameter<'a>> {
    statement.parameters.iter().map(Parameter)
}
