//! The RDS services that a connector calls: the token storage, where it
//! registers, and the port service, which it asks for a user's token. Both
//! from the tables of the contract, sections 7.1 to 7.4.
//!
//! Neither has an authorization of its own: a client that sends one violates.

mod envelope;
pub mod port_service;
mod registration;
pub mod token_storage;
