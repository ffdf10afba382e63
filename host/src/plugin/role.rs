//! What plugins can be to the host, one file per role.

pub mod file_store;
mod handoff;
pub mod lifecycle;
pub mod repository;

pub use file_store::FileStore;
pub use handoff::Handoff;
pub use lifecycle::Lifecycle;
pub use repository::Repository;
