//! A file store that tells its version with every answer.
//!
//! Version and fault stand in the component's data as text of fixed width, so
//! that a suite makes any number of different components from one build by
//! writing over them.

#[cfg(target_family = "wasm")]
mod guest;
