//! Calls that are made by calls: a processor's statement, which the connector
//! runs that its grant names.

use super::{ConnectorId, Error, Operation, Outcome, Shared, database, run};
use crate::bindings::types::{self, Delay, Detail};
use crate::capability::call::Context;
use crate::capability::{Invoke, Limit};
use crate::limits::NESTED_CALLS_MAX;
use crate::plugin::Failure;

#[wasmtime_wasi::async_trait]
impl Invoke for Shared {
    async fn dialect(
        &self,
        outer: &Context,
        connector: &str,
    ) -> Result<database::Spoken, types::Error> {
        let dialect = self.within(outer, connector, database::Dialect);
        dialect.await.map_err(answered)
    }

    async fn execute(
        &self,
        outer: &Context,
        connector: &str,
        script: String,
        parameters: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, types::Error> {
        let execute = database::Execute { script, parameters };
        let rows = self.within(outer, connector, execute);
        rows.await.map_err(answered)
    }
}

impl Shared {
    async fn within<O: Operation>(
        &self,
        outer: &Context,
        connector: &str,
        operation: O,
    ) -> Result<O::Output, Error> {
        if outer.depth >= NESTED_CALLS_MAX {
            let limit = Limit::new("nested calls", NESTED_CALLS_MAX);
            return Err(Failure::Limit(limit).into());
        }
        let id = connector.parse::<ConnectorId>();
        let id = id.map_err(|error| Error::contract(&error.to_string()))?;
        // The outer call holds up a drain, and may still make this one.
        let tracked = self.calls.token();
        let connector = self.connector(&id).ok_or_else(Error::not_activated)?;
        let admitted = connector.admit_within(outer, O::ROLE, O::NAME, tracked)?;
        // Whatever it changes: nobody is left who could want it.
        let _cancel = admitted.cancel_on_drop();
        run::spawn(&self.scheduler, admitted, operation)
            .await
            .unwrap_or_else(|_| Err(Error::lost()))
    }
}

/// What the calling plugin is told. What became of another plugin is not its
/// fault, and nothing that it could act on.
fn answered(error: Error) -> types::Error {
    let detail = Detail {
        message: error.message().to_owned(),
        subject: error.subject().map(str::to_owned),
    };
    let after_ms = error.retry_after();
    let after_ms = after_ms.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
    match error.outcome() {
        Outcome::Invalid => types::Error::Invalid(detail),
        Outcome::Unauthenticated => types::Error::Unauthenticated(detail),
        Outcome::Denied => types::Error::Denied(detail),
        Outcome::NotFound => types::Error::NotFound(detail),
        Outcome::Conflict => types::Error::Conflict(detail),
        Outcome::Unsupported => types::Error::Unsupported(detail),
        Outcome::RateLimited => types::Error::RateLimited(Delay { detail, after_ms }),
        Outcome::Unavailable | Outcome::Deadline | Outcome::Overloaded | Outcome::Cancelled => {
            types::Error::Unavailable(Delay { detail, after_ms })
        }
        Outcome::Internal => types::Error::Internal(detail),
    }
}
