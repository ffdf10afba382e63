//! Tenon runs connector operations inside sandboxed WebAssembly components.
//!
//! The modules stand in the order in which a request passes them:
//! a frontend decodes its contract, [`dispatch`] resolves the connector
//! and guards the call, [`plugin`] runs it in a sandbox of its own, and each
//! [`capability`] leads from there to one kind of external system.

pub mod server;

pub mod admin;
pub mod author;
pub mod catalog;
pub mod frontend;

pub mod dispatch;

pub mod plugin;

pub mod capability;

mod cause;
pub mod digest;
pub mod label;
pub mod limits;
pub mod persistence;
pub mod registry;
pub mod telemetry;

pub mod config;

mod bindings;
