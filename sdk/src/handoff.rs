//! The role of a plugin that lives over calls (isolation `long-lived`) and gives what it remembers
//! to the version that replaces it.

use crate::{Result, lifecycle::Plugin};

/// A plugin whose state outlives its version. The host calls `save` on the old version between two
/// of its calls, drops it, and calls `restore` on the new one before its next call.
///
/// The bytes are the plugin's own: let them begin with a number for their form, so that an older
/// version can refuse what a newer one has saved. A version that refuses, or fails, starts empty.
/// Waits of this crate end by themselves once the version is being replaced, as they do when a
/// caller goes away; a long computation asks [`call::cancelled`](crate::call::cancelled).
pub trait Handoff: Plugin {
    /// Everything that the next version needs to go on.
    fn save(&self) -> Result<Vec<u8>>;

    /// Goes on from what another version of the plugin has saved.
    fn restore(&self, state: Vec<u8>) -> Result<()>;
}
