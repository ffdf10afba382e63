//! Exit codes, as `--help` lists them. Others never change.

/// No answer from the host, or it cannot do it now.
pub(crate) const FAILED: u8 = 1;
/// Wrong arguments.
pub(crate) const USAGE: u8 = 2;
/// The host refuses it.
pub(crate) const REFUSED: u8 = 3;
/// It waits for approval.
pub(crate) const PENDING: u8 = 4;
/// `EX_CONFIG` would be 78; deployments know 64 from the other connectors.
pub(crate) const CONFIGURATION: u8 = 64;
