//! The `/metadata` operations: arguments in, calls of the `repository` role,
//! the contract's answer out.

pub(super) mod files;
pub(super) mod ids;
pub(super) mod project;
pub(super) mod upload;

mod answer;
mod caller;
mod passive;

#[cfg(test)]
mod tests;
