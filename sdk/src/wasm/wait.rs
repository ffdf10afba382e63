//! The one place that waits. Every wait also watches for the end of the call.

use super::bindings::{
    connector::call,
    wasi::io::poll::{Pollable, poll},
};
use crate::{Error, Result};

/// Waits, asking the host only once for the pollable that tells of the call's end.
#[derive(Default)]
pub(crate) struct Wait {
    cancelled: Option<Pollable>,
}

impl Wait {
    /// Returns once `event` is ready.
    pub(crate) fn until(&mut self, event: &Pollable) -> Result<()> {
        let cancelled = self.cancelled.get_or_insert_with(call::cancelled);
        // The second index is the call's end.
        if poll(&[event, cancelled]).contains(&1) {
            Err(Error::cancelled())
        } else {
            Ok(())
        }
    }

    /// Returns once one of the two is ready, and says whether the second is.
    pub(crate) fn until_either(&mut self, event: &Pollable, other: &Pollable) -> Result<bool> {
        let cancelled = self.cancelled.get_or_insert_with(call::cancelled);
        let ready = poll(&[event, other, cancelled]);
        // The third index is the call's end.
        if ready.contains(&2) {
            Err(Error::cancelled())
        } else {
            Ok(ready.contains(&1))
        }
    }
}
