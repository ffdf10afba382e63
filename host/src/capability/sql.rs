//! Granted databases.
//!
//! A plugin names a database and never sees its address or password. Whatever
//! it asks for, an operation leaves nothing behind but what it has stored: a
//! connection that may be in the middle of something, or was told something
//! about its session, is closed and not used for another operation.

mod command;
mod database;
mod grant;
mod packed;
mod postgres;
mod sqlite;
mod target;

use std::sync::Arc;

use wasmtime::component::HasData;

pub use self::grant::{Grant, Grants, Settings};
use self::packed::{Budget, Value};
pub use self::target::{Target, TargetError, Tls};
use super::call::{Context, Interface};
use super::usage::Usage;
use super::wait::within;
use super::{Refusal, Result};
use crate::bindings::sql::{self, SqlDialect};

/// Statements of one operation. An init script has some ten.
const STATEMENTS_MAX: usize = 1000;

/// What a grant allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// Nothing is changed.
    ReadOnly,
    /// Anything that the database allows its user.
    #[default]
    ReadWrite,
}

/// A statement with what stands for `$1`, `$2` and so on.
#[derive(Debug)]
struct Statement<'a> {
    text: &'a str,
    parameters: Vec<Value<'a>>,
}

/// Links the interface `sql`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's databases for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Arc<Context>,
    /// What the connector is granted.
    pub grants: &'a Grants,
    /// Where what is used is counted.
    pub usage: &'a Usage,
    /// Limit `sql_result_bytes`.
    pub result_bytes_max: u64,
}

impl<'a> View<'a> {
    fn grant(&self, name: &str) -> Result<&'a Grant> {
        self.context.meter.count(Interface::Sql);
        self.grants.get(name).ok_or_else(|| {
            self.usage.deny(Interface::Sql);
            Refusal::denied("no `sql` grant has this database", name)
        })
    }
}

impl sql::Host for View<'_> {
    fn dialect(&mut self, database: String) -> Result<SqlDialect> {
        Ok(self.grant(&database)?.database.dialect())
    }

    async fn execute(
        &mut self,
        database: String,
        statements: Vec<sql::Statement>,
    ) -> Result<Option<Vec<u8>>> {
        let grant = self.grant(&database)?;
        let statements = read(&statements)?;
        self.usage.query(&database, statements.len());
        let work = grant
            .database
            .execute(&database, &statements, self.result_bytes_max);
        let rows = within(self.context, &database, work).await?;
        Ok(rows.map(|rows| {
            let (bytes, number) = rows.finish();
            self.usage.fetch(&database, number, bytes.len());
            bytes
        }))
    }
}

fn read(statements: &[sql::Statement]) -> Result<Vec<Statement<'_>>> {
    if statements.is_empty() || statements.len() > STATEMENTS_MAX {
        let message = format!("expected 1 to {STATEMENTS_MAX} statements");
        return Err(Refusal::invalid(message, "statements"));
    }
    let mut budget = Budget::default();
    let statement = |it: &'_ sql::Statement| {
        if command::first_word(&it.text).is_none() {
            return Err(Refusal::invalid("a statement is empty", "statements"));
        }
        if it.text.contains('\0') {
            return Err(Refusal::invalid("a statement holds a NUL", "statements"));
        }
        Ok(())
    };
    statements.iter().try_for_each(statement)?;
    let mut read = Vec::with_capacity(statements.len());
    for statement in statements {
        let parameters = packed::parameters(&statement.parameters, &mut budget);
        let invalid = |error: packed::Malformed| Refusal::invalid(error.to_string(), "parameters");
        read.push(Statement {
            text: &statement.text,
            parameters: parameters.map_err(invalid)?,
        });
    }
    Ok(read)
}

#[cfg(test)]
mod tests;
