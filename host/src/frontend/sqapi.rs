//! sqAPI: messages from a broker, each about one object, to all processors
//! that accept it.
//!
//! The contract is that of sqAPI's first version, its table of statuses
//! included, with what its later ones added: acknowledgement after the work,
//! dead letters, time limits, a soft stop.

pub mod broker;
mod fate;
mod health;
mod message;
pub mod metrics;
pub mod mime;
mod object;
mod outcome;
mod pipeline;
mod processor;
mod query;
pub mod rest;
pub mod settings;
mod states;

pub use pipeline::{NotStarted, Parts, Pipeline};
pub use settings::Settings;
