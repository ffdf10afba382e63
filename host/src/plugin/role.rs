//! What plugins can be to the host, one file per role.

pub mod database;
pub mod file_store;
mod handoff;
pub mod lifecycle;
pub mod message_log;
pub mod metadata_store;
pub mod processor;
pub mod repository;
pub mod rest;

pub use database::Database;
pub use file_store::FileStore;
pub use handoff::Handoff;
pub use lifecycle::Lifecycle;
pub use message_log::MessageLog;
pub use metadata_store::MetadataStore;
pub use processor::Processor;
pub use repository::Repository;
pub use rest::Rest;
