//! Cases of a store of files.

pub(super) mod cancel;
pub(super) mod change;
pub(super) mod list;
pub(super) mod paths;
pub(super) mod read;
pub(super) mod stat;
pub(super) mod write;
