//! A processor that misbehaves as its configuration says.
//!
//! The key `deed` is the name of a deed and, after a space, its argument:
//! `spin`, `fail-first 2`. Its HTTP resources do as their path says: `/trap`.
//! Every deed has a benign twin, so that a test that ends a call for the wrong
//! reason fails as well. Bound to the interfaces directly: the SDK would not
//! let most of it happen.

#[cfg(target_family = "wasm")]
mod guest;
