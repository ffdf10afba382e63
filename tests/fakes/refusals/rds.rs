//! The token storage and the port service.

mod port_service;
mod token_storage;
