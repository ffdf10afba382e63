//! What a failure is for a plugin. Never a statement's text, nor anything of
//! how the server is reached.

use std::error::Error as _;

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::capability::{Limit, Refusal};

/// Longest text of the server's that is passed on, in bytes. Some quote the
/// value they are about.
const MESSAGE_BYTES_MAX: usize = 1024;

/// Why an operation came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server, or the way to it.
    Postgres(Error),
    /// There was no connection.
    Pool(PoolError),
    /// There is no connection any more.
    Lost,
    /// The types of parameters take more than one attempt, and the first has
    /// broken the transaction.
    Undecided,
    /// A limit of the call.
    Limit(Limit),
    /// The statement has another number of parameters.
    Parameters { given: usize, expected: usize },
    /// A value that the layout has no form for.
    Value { column: String, why: &'static str },
}

impl Failure {
    /// Whether a statement that was prepared earlier may not fit any more: a
    /// column has got another type since.
    pub(super) fn may_be_stale(&self) -> bool {
        let Some(error) = self.of_server() else {
            return false;
        };
        match *error.code() {
            // "cached plan must not change result type"
            SqlState::FEATURE_NOT_SUPPORTED => error.routine() == Some("RevalidateCachedQuery"),
            SqlState::INVALID_SQL_STATEMENT_NAME
            | SqlState::DATATYPE_MISMATCH
            | SqlState::UNDEFINED_FUNCTION => true,
            // A parameter is no value of the type that its place had.
            _ => class(error) == "22",
        }
    }

    /// Whether the connection is in order nonetheless, once its transaction
    /// has ended.
    pub(super) fn leaves_connection(&self) -> bool {
        match self {
            Self::Postgres(error) => error.as_db_error().is_some_and(|error| {
                // What ends the session has these classes, or is said so.
                !matches!(class(error), "08" | "57" | "58")
                    || *error.code() == SqlState::QUERY_CANCELED
            }),
            Self::Parameters { .. } | Self::Undecided => true,
            // Rows may still be on their way.
            Self::Pool(_) | Self::Lost | Self::Limit(_) | Self::Value { .. } => false,
        }
    }

    fn of_server(&self) -> Option<&DbError> {
        match self {
            Self::Postgres(error)
            | Self::Pool(PoolError::Backend(error))
            | Self::Pool(PoolError::PostCreateHook(HookError::Backend(error))) => {
                error.as_db_error()
            }
            _ => None,
        }
    }

    /// The outcome; `name` is the database's.
    pub(super) fn refusal(self, name: &str) -> Refusal {
        if let Some(error) = self.of_server() {
            return of_server(error, name);
        }
        match self {
            Self::Limit(limit) => limit.into(),
            Self::Parameters { given, expected } => {
                let message = format!("{given} parameters for a statement with {expected}");
                Refusal::invalid(message, "parameters")
            }
            Self::Value { column, why } => Refusal::invalid(why, &column),
            Self::Lost | Self::Undecided => Refusal::unavailable("the connection was lost", name),
            Self::Pool(PoolError::Timeout(TimeoutType::Wait)) => {
                Refusal::unavailable("no connection became free in time", name)
            }
            Self::Pool(PoolError::Backend(error)) => of_connecting(&error, name),
            Self::Pool(_) => Refusal::unavailable("no connection in time", name),
            Self::Postgres(error) => of_client(&error, name),
        }
    }
}

fn class(error: &DbError) -> &str {
    error.code().code().get(..2).unwrap_or_default()
}

fn of_server(error: &DbError, name: &str) -> Refusal {
    let code = error.code();
    let message = format!("{} ({})", shortened(error.message()), code.code());
    if *code == SqlState::QUERY_CANCELED {
        let message = format!("{message}; the grant's `statement_timeout_ms` may be the reason");
        return Refusal::unavailable(message, name);
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE || *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Refusal::denied(message, name);
    }
    match class(error) {
        // Connection, resources, operator, system; no such database is what a
        // server that was just set up says.
        "08" | "53" | "57" | "58" | "3D" => Refusal::unavailable(message, name),
        // Serialization, deadlock, a lock that is held: another try helps.
        "40" | "55" => Refusal::unavailable(message, name),
        "23" => {
            let subject = error.constraint().or(error.column()).unwrap_or(name);
            Refusal::conflict(message, subject)
        }
        "28" => Refusal::rejected(message, name),
        _ => Refusal::invalid(message, name),
    }
}

fn of_connecting(error: &Error, name: &str) -> Refusal {
    let cause = error.source().map(ToString::to_string);
    let message = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    // The library does not tell these two apart but by their texts.
    match error.to_string().as_str() {
        "authentication error" | "invalid configuration" => Refusal::rejected(message, name),
        _ => Refusal::unavailable(message, name),
    }
}

fn of_client(error: &Error, name: &str) -> Refusal {
    let transport = error
        .source()
        .is_some_and(|cause| cause.is::<std::io::Error>());
    if error.is_closed() || transport {
        return Refusal::unavailable("the connection was lost", name);
    }
    // Such as COPY, which wants or sends something else than rows.
    let message = format!("the statement cannot be run here: {error}");
    Refusal::invalid(message, name)
}

fn shortened(message: &str) -> &str {
    let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
    message.get(..end).unwrap_or_default()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<Limit> for Failure {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}
