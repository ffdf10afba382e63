//! Write connector plugins for Tenon.
//!
//! A plugin implements [`Plugin`](lifecycle::Plugin) and one trait for each role it plays, such as
//! [`FileStore`](file_store::FileStore), its short form [`ReadOnly`](file_store::ReadOnly),
//! [`Repository`](repository::Repository) or [`Processor`](processor::Processor), and ends with
//! [`export!`]. What it needs of the world it takes from the modules named after the host's
//! interfaces: [`http`], [`files`], [`database`], [`sql`], [`kv`], [`config`], [`secret`],
//! [`mod@log`], [`scratch`], [`call`].
//!
//! Compiled for `wasm32-wasip2` these modules call the host. Compiled for any other target they
//! run over real sockets and files (`native`), so that one and the same plugin crate can be
//! debugged, tested and measured as ordinary Rust.

pub mod call;
pub mod config;
pub mod database;
mod error;
pub mod export;
pub mod file_store;
pub mod files;
pub mod handoff;
pub mod http;
pub mod kv;
pub mod lifecycle;
pub mod log;
pub mod message_log;
pub mod metadata_store;
mod path;
pub mod processor;
pub mod repository;
#[cfg(feature = "rest")]
pub mod rest;
pub mod scratch;
pub mod secret;
pub mod sql;
pub mod transfer;

#[cfg(not(target_family = "wasm"))]
pub mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
use native as backend;
#[cfg(target_family = "wasm")]
use wasm as backend;

pub use error::{Error, Kind, Result};
pub use path::Path;
