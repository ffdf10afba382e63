//! The back end for `wasm32-wasip2`: every module calls the host.

pub mod bindings;
pub(crate) mod call;
pub(crate) mod component;
pub(crate) mod config;
mod convert;
pub(crate) mod database;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod scratch;
pub(crate) mod secret;
pub(crate) mod sql;
pub(crate) mod stream;
mod wait;
