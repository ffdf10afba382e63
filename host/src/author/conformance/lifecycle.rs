//! Cases of every plugin, whatever else it does.

pub(super) mod config;
pub(super) mod describe;
pub(super) mod residue;
pub(super) mod running;
pub(super) mod touch;
