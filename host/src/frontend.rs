//! The contracts spoken outwards, one module each.
//!
//! A frontend owns its contract: the wire, the state machine and the way an
//! outcome is told to the caller. It reaches components through
//! [`crate::dispatch`] alone and knows neither plugins nor capabilities.

mod room;

pub mod rds;
pub mod sqapi;

pub use room::{Full, Held, Room};
