//! A plugin's methods as the exports of the roles `processor` and `metadata-store`.

use super::Component;
use crate::{
    export::Shared,
    metadata_store::MetadataStore,
    processor::{Message, Processor},
    transfer::Blob,
    wasm::{
        bindings::{
            connector::{transfer::Blob as WitBlob, types::Error as WitError},
            metadata_store::exports::tenon::connector::metadata_store,
            processor::exports::tenon::connector::processor,
        },
        stream,
    },
};

impl<P: Shared + MetadataStore> metadata_store::Guest for Component<P> {
    fn fetch(reference: String) -> Result<String, WitError> {
        Ok(P::shared()?.fetch(&reference)?)
    }
}

impl<P: Shared + Processor> processor::Guest for Component<P> {
    fn accepts() -> Vec<String> {
        P::accepts()
    }

    fn initialize() -> Result<(), WitError> {
        Ok(P::shared()?.initialize()?)
    }

    fn execute(
        message: processor::Message,
        metadata: String,
        data: &WitBlob,
    ) -> Result<Option<String>, WitError> {
        let mut data = Blob::new(stream::Blob::new(data));
        Ok(P::shared()?.execute(&message.into(), &metadata, &mut data)?)
    }
}

impl From<processor::Message> for Message {
    fn from(message: processor::Message) -> Self {
        Self {
            uuid: message.uuid,
            media_type: message.media_type,
            data_location: message.data_location,
            meta_location: message.meta_location,
            hash_digest: message.hash_digest,
            body: message.body,
        }
    }
}
