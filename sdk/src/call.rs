//! The call in progress.

use std::time::Duration;

use crate::backend;

/// What the host says about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The id under which logs, traces and upstream requests name this call.
    pub request_id: String,
    /// The connector's id, `tenant/name` or `name` for the default tenant.
    pub connector: String,
    /// The caller's user name, when the caller gave one.
    pub user: Option<String>,
    /// Time until the next limit ends the call.
    pub remaining: Duration,
}

/// The context of the call in progress.
pub fn current() -> Context {
    backend::call::current()
}

/// Whether the call should end: the caller is gone, the host drains, or the plugin is being
/// replaced. Waits inside this crate end by themselves then; ask in long computations.
pub fn cancelled() -> bool {
    backend::call::cancelled()
}
