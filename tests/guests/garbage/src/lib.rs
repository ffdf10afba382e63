//! A component whose answers break the canonical ABI.
//!
//! No generator writes such code, so its exports are written by hand; only the
//! types come from `wit/`. The path of `stat` says what is wrong.

#[cfg(target_family = "wasm")]
mod guest;
