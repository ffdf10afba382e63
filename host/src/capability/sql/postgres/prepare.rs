//! Preparing a statement, and with it the types of its parameters.
//!
//! The place of a parameter decides its type. Where it does not, such as in
//! `SELECT $1`, the value decides, as a literal in the statement's text would.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Statement as Prepared};

use super::failure::Failure;
use super::parameter::literal_type;
use crate::capability::sql::Statement;
use crate::capability::sql::packed::Value;

/// Prepared statements that a connection keeps. A plugin has some ten; each
/// costs the server some kilobytes.
const STATEMENTS_MAX: usize = 256;

const BEFORE: &str = "SAVEPOINT tenon_prepare";
const KEEP: &str = "RELEASE tenon_prepare";
const BACK: &str = "ROLLBACK TO tenon_prepare; RELEASE tenon_prepare";

/// What a failed attempt to prepare a statement takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Nothing.
    Nothing,
    /// A transaction. Most need one attempt alone, so that one which needs
    /// more ends with [`Failure::Undecided`].
    Transaction,
    /// Nothing either, but each attempt takes the server three answers.
    Savepoints,
    /// A transaction that the guest begins and ends itself: what has run before
    /// cannot be run again, so that the first attempt has to do.
    TheirOwn,
}

/// The statement with its parameters' types, prepared or known already.
pub(super) async fn prepare(
    client: &ClientWrapper,
    statement: &Statement<'_>,
    within: Within,
) -> Result<Prepared, Failure> {
    let attempts = Attempts {
        client,
        text: statement.text,
        within,
    };
    let values = &statement.parameters;
    let prepared = match attempts.prepare(&[]).await {
        prepared if within == Within::TheirOwn => prepared?,
        Ok(inferred) => {
            let types = by_value(values, |place, literal| {
                let of = inferred.params().get(place);
                of.is_some_and(|of| misses(of, literal))
            });
            match types {
                Some(types) => match attempts.prepare(&types).await {
                    Err(_) if within == Within::Transaction => return Err(Failure::Undecided),
                    Err(_) => inferred,
                    Ok(prepared) => prepared,
                },
                None => inferred,
            }
        }
        Err(error) if !values.is_empty() && is_undecided(&error) => {
            if within == Within::Transaction {
                return Err(Failure::Undecided);
            }
            let types = by_value(values, |_, _| true);
            let types = types.unwrap_or_else(|| vec![Type::UNKNOWN; values.len()]);
            attempts.decide(types).await?
        }
        Err(error) => return Err(error.into()),
    };
    let (given, expected) = (values.len(), prepared.params().len());
    if given != expected {
        return Err(Failure::Parameters { given, expected });
    }
    Ok(prepared)
}

struct Attempts<'a> {
    client: &'a ClientWrapper,
    text: &'a str,
    within: Within,
}

impl Attempts<'_> {
    async fn prepare(&self, types: &[Type]) -> Result<Prepared, Error> {
        let cache = &self.client.statement_cache;
        if cache.size() >= STATEMENTS_MAX {
            cache.clear();
        }
        let guarded = self.within == Within::Savepoints;
        if guarded {
            self.client.batch_execute(BEFORE).await?;
        }
        let prepared = self.client.prepare_typed_cached(self.text, types).await;
        if prepared.is_err() {
            // The cache keeps a place for what could not be prepared.
            cache.remove(self.text, types);
        }
        if guarded {
            let after = if prepared.is_ok() { KEEP } else { BACK };
            self.client.batch_execute(after).await?;
        }
        prepared
    }

    /// Prepares with these types, and text for those places of which nothing
    /// else is known.
    async fn decide(&self, mut types: Vec<Type>) -> Result<Prepared, Error> {
        // Each turn decides one place.
        for _ in 0..types.len() {
            let error = match self.prepare(&types).await {
                Ok(prepared) => return Ok(prepared),
                Err(error) => error,
            };
            match undecided(&error).and_then(|place| types.get_mut(place)) {
                Some(of) if *of == Type::UNKNOWN => *of = Type::TEXT,
                _ => return Err(error),
            }
        }
        self.prepare(&types).await
    }
}

/// Types by the values, where `wanted` says so; the others are left to the
/// server. `None` when it is none.
fn by_value(values: &[Value<'_>], wanted: impl Fn(usize, &Type) -> bool) -> Option<Vec<Type>> {
    let mut any = false;
    let types = values.iter().enumerate().map(|(place, value)| {
        let literal = literal_type(value).filter(|literal| wanted(place, literal));
        any |= literal.is_some();
        literal.unwrap_or(Type::UNKNOWN)
    });
    let types = types.collect();
    any.then_some(types)
}

/// Whether the server's choice is one that a literal of this type would not
/// lead to: text is its last resort, a float its first choice among numbers,
/// and whole numbers cut off no fractions.
fn misses(inferred: &Type, literal: &Type) -> bool {
    match *inferred {
        Type::TEXT => true,
        Type::INT2 | Type::INT4 | Type::INT8 => matches!(*literal, Type::NUMERIC | Type::FLOAT8),
        Type::FLOAT8 => matches!(*literal, Type::INT4 | Type::INT8 | Type::NUMERIC),
        _ => false,
    }
}

/// Whether the server could not tell which types are meant.
fn is_undecided(error: &Error) -> bool {
    const STATES: [SqlState; 4] = [
        SqlState::INDETERMINATE_DATATYPE,
        SqlState::AMBIGUOUS_FUNCTION,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::DATATYPE_MISMATCH,
    ];
    error.code().is_some_and(|code| STATES.contains(code))
}

/// The place of the parameter that the server knows no type for, from its
/// message: in any language it names the parameter.
fn undecided(error: &Error) -> Option<usize> {
    let error = error.as_db_error()?;
    if *error.code() != SqlState::INDETERMINATE_DATATYPE {
        return None;
    }
    let (_, after) = error.message().split_once('$')?;
    let end = after.find(|c: char| !c.is_ascii_digit());
    let (number, _) = after.split_at(end.unwrap_or(after.len()));
    number.parse::<usize>().ok()?.checked_sub(1)
}
