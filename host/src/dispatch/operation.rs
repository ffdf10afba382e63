//! Operations, one file per role.

pub mod database;
pub mod file_store;
pub mod lifecycle;
pub mod message_log;
pub mod metadata_store;
pub mod processor;
pub mod repository;
pub mod rest;

use crate::plugin::{Failure, Role, Sandbox};

/// One operation of one role.
pub trait Operation: Send + 'static {
    /// What a successful call returns.
    type Output: Send + 'static;

    /// `role.operation`, for logs and metrics.
    const NAME: &'static str;
    /// The role it belongs to.
    const ROLE: Role;
    /// Whether it changes something behind the plugin, and must therefore not
    /// stop because its caller went away.
    const CHANGES: bool;

    /// What the operation made that only its answer names. Logged where the
    /// caller has gone, so that somebody can still find it.
    fn made(output: &Self::Output) -> Option<&str> {
        _ = output;
        None
    }

    /// Runs the operation in a sandbox.
    fn run(
        self,
        sandbox: &mut dyn Sandbox,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

fn page_fits(len: usize, max: u32) -> Result<(), Failure> {
    if len <= max as usize {
        return Ok(());
    }
    let rule = format!("a page of {len} entries for a maximum of {max}");
    Err(Failure::Contract(rule))
}
