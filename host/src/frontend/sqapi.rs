//! sqAPI: messages from a broker, each about one object, to all processors
//! that accept it.
//!
//! The contract is that of sqAPI's first version, its table of statuses
//! included, with what its later ones added: acknowledgement after the work,
//! dead letters, time limits, a soft stop.

pub mod broker;
pub mod mime;
pub mod settings;

pub use settings::Settings;
