//! A store of files and a repository over a granted root, correct but for one
//! fault: the configuration's `fault` is the name of the conformance suite's
//! case that finds it.

#[cfg(target_family = "wasm")]
mod guest;
