//! A component that misbehaves as it is told.
//!
//! The path of an operation is the name of a deed and, after a space, its
//! argument: `spin`, `get http://127.0.0.1:8000/`. Every deed has a benign
//! twin, so that a test that ends a call for the wrong reason fails as well.
//! Bound to the interfaces directly: the SDK would not let most of it happen.

#[cfg(target_family = "wasm")]
mod guest;
