//! SQL by another connector of the same tenant, which plays `database`.
//!
//! Whoever uses it need not know what stands behind: the connector that its
//! grant names has the address, the credentials and the limits.

use std::sync::{Arc, Weak};

use wasmtime::component::HasData;

use super::call::{Context, Interface};
use super::usage::Usage;
use super::{Refusal, Result};
use crate::bindings::exports::database as exported;
use crate::bindings::{database, types};

/// The connector that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub connector: String,
}

/// Runs what a call asks of another connector, as part of that call.
#[wasmtime_wasi::async_trait]
pub trait Invoke: std::fmt::Debug + Send + Sync {
    /// `database.dialect` of a connector.
    async fn dialect(
        &self,
        outer: &Context,
        connector: &str,
    ) -> std::result::Result<exported::SqlDialect, types::Error>;

    /// `database.execute` of a connector.
    async fn execute(
        &self,
        outer: &Context,
        connector: &str,
        script: String,
        parameters: Vec<u8>,
    ) -> std::result::Result<Option<Vec<u8>>, types::Error>;
}

/// Links the interface `database`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's database for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Arc<Context>,
    /// What the connector is granted.
    pub grant: Option<&'a Grant>,
    /// Where what is used is counted.
    pub usage: &'a Usage,
}

impl View<'_> {
    fn granted(&self) -> Result<(&Grant, Arc<dyn Invoke>)> {
        self.context.meter.count(Interface::Database);
        let Some(grant) = self.grant else {
            self.usage.deny(Interface::Database);
            return Err(Refusal::denied("there is no `database` grant", "database"));
        };
        let invoke = self.context.invoke.as_ref().and_then(Weak::upgrade);
        let invoke = invoke.ok_or_else(|| {
            Refusal::unavailable("no other connector can be called here", &grant.connector)
        })?;
        self.usage.invoke();
        Ok((grant, invoke))
    }
}

impl database::Host for View<'_> {
    async fn dialect(&mut self) -> Result<database::SqlDialect> {
        let (grant, invoke) = self.granted()?;
        let dialect = invoke.dialect(self.context, &grant.connector).await;
        Ok(match dialect.map_err(Refusal::Outcome)? {
            exported::SqlDialect::Postgresql => database::SqlDialect::Postgresql,
            exported::SqlDialect::Sqlite => database::SqlDialect::Sqlite,
        })
    }

    async fn execute(&mut self, script: String, parameters: Vec<u8>) -> Result<Option<Vec<u8>>> {
        let (grant, invoke) = self.granted()?;
        let rows = invoke.execute(self.context, &grant.connector, script, parameters);
        rows.await.map_err(Refusal::Outcome)
    }
}
