//! The back end for every other target: the same plugin crate runs as ordinary Rust over real
//! sockets and files. It serves debugging and tests, and it is what sandboxed calls are measured
//! against, so it takes no step that a plain program would not take.
//!
//! A plugin's methods are called inside [`Environment::enter`], which stands for what the host
//! would give: configuration, roots, credentials and the call's context.

pub(crate) mod call;
pub(crate) mod config;
pub(crate) mod database;
mod environment;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod scratch;
pub(crate) mod secret;
pub(crate) mod sql;
pub(crate) mod stream;

pub use environment::{Builder, Environment};
pub use stream::{Collected, Receiver, Source};
