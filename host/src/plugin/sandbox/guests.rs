//! The exports of each role, as a sandbox calls them.

use super::ComponentSandbox;
use crate::bindings::exports::{
    database, file_store, handoff, incoming_handler, lifecycle, message_log, metadata_store,
    processor, repository, resources,
};
use crate::plugin::{Failure, Role};

/// What was looked up. A plugin of many roles does not pay for all of them in a
/// call of one, and a sandbox that serves many calls pays once.
#[derive(Default)]
pub(in crate::plugin) struct Guests {
    handoff: Option<handoff::Guest>,
    file_store: Option<file_store::Guest>,
    repository: Option<repository::Guest>,
    metadata_store: Option<metadata_store::Guest>,
    database: Option<database::Guest>,
    message_log: Option<message_log::Guest>,
    processor: Option<processor::Guest>,
    incoming_handler: Option<incoming_handler::Guest>,
}

macro_rules! guests {
    ($($guest:ident: $interface:ident, $role:ident;)*) => {$(
        pub(in crate::plugin) fn $guest(&mut self) -> Result<$interface::Guest, Failure> {
            if let Some(guest) = &self.guests.$interface {
                return Ok(guest.clone());
            }
            let missing = Failure::NoRole(Role::$role);
            let indices = self.linked.$interface.as_ref().ok_or(missing)?;
            let guest = indices.load(&mut self.store, &self.instance);
            let guest = guest.map_err(|error| self.failure(error))?;
            self.guests.$interface = Some(guest.clone());
            Ok(guest)
        }
    )*};
}

impl ComponentSandbox {
    /// Looked up when it is needed, which is hardly ever.
    pub(in crate::plugin) fn lifecycle_guest(&mut self) -> Result<lifecycle::Guest, Failure> {
        let indices = &self.linked.lifecycle;
        let guest = indices.load(&mut self.store, &self.instance);
        guest.map_err(|error| self.failure(error))
    }

    guests! {
        handoff_guest: handoff, Handoff;
        file_store_guest: file_store, FileStore;
        repository_guest: repository, Repository;
        metadata_store_guest: metadata_store, MetadataStore;
        database_guest: database, Database;
        message_log_guest: message_log, MessageLog;
        processor_guest: processor, Processor;
        incoming_handler_guest: incoming_handler, Rest;
    }

    /// None where the component names no routes.
    pub(in crate::plugin) fn resources_guest(
        &mut self,
    ) -> Result<Option<resources::Guest>, Failure> {
        let Some(indices) = &self.linked.resources else {
            return Ok(None);
        };
        let guest = indices.load(&mut self.store, &self.instance);
        guest.map(Some).map_err(|error| self.failure(error))
    }

    /// A fault of the host's own, on the way into the component.
    pub(in crate::plugin) fn failure(&self, error: wasmtime::Error) -> Failure {
        Failure::from_trap(error, &self.settings.limits)
    }

    /// Looks up every role it offers, which fails where one has another form
    /// than the contract's.
    pub(in crate::plugin) fn check_roles(&mut self) -> Result<(), Failure> {
        self.lifecycle_guest()?;
        self.resources_guest()?;
        for role in Role::ALL {
            let looked_up = match role {
                // Looked up a moment ago.
                Role::Lifecycle => Ok(()),
                Role::FileStore => self.file_store_guest().map(drop),
                Role::Handoff => self.handoff_guest().map(drop),
                Role::Repository => self.repository_guest().map(drop),
                Role::MetadataStore => self.metadata_store_guest().map(drop),
                Role::Database => self.database_guest().map(drop),
                Role::MessageLog => self.message_log_guest().map(drop),
                Role::Processor => self.processor_guest().map(drop),
                Role::Rest => self.incoming_handler_guest().map(drop),
            };
            match looked_up {
                Ok(()) | Err(Failure::NoRole(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}
