//! A plugin's methods as the exports of the roles `database` and `message-log`.

use super::Component;
use crate::{
    database::Database,
    export::Shared,
    message_log::{Entry, MessageLog},
    sql::Dialect,
    wasm::bindings::{
        connector::types::Error as WitError, database::exports::tenon::connector::database,
        message_log::exports::tenon::connector::message_log,
    },
};

impl<P: Shared + Database> database::Guest for Component<P> {
    fn dialect() -> Result<database::SqlDialect, WitError> {
        Ok(match P::shared()?.dialect()? {
            Dialect::Postgresql => database::SqlDialect::Postgresql,
            Dialect::Sqlite => database::SqlDialect::Sqlite,
        })
    }

    fn execute(script: String, parameters: Vec<u8>) -> Result<Option<Vec<u8>>, WitError> {
        Ok(P::shared()?.execute(&script, &parameters)?)
    }
}

impl<P: Shared + MessageLog> message_log::Guest for Component<P> {
    fn initialize() -> Result<(), WitError> {
        Ok(P::shared()?.initialize()?)
    }

    fn get(uuid: String) -> Result<Option<message_log::Entry>, WitError> {
        Ok(P::shared()?.get(&uuid)?.map(Into::into))
    }

    fn update(entries: Vec<message_log::Entry>) -> Result<(), WitError> {
        let entries: Vec<_> = entries.into_iter().map(Into::into).collect();
        Ok(P::shared()?.update(&entries)?)
    }
}

/// Both are the same, field by field.
macro_rules! convert {
    ($from:ty => $into:ty) => {
        impl From<$from> for $into {
            fn from(entry: $from) -> Self {
                Self {
                    uuid: entry.uuid,
                    meta_location: entry.meta_location,
                    data_location: entry.data_location,
                    data_type: entry.data_type,
                    status: entry.status,
                    info: entry.info,
                    results: entry.results,
                }
            }
        }
    };
}

convert!(Entry => message_log::Entry);
convert!(message_log::Entry => Entry);
