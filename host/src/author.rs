//! What authors of plugins use on their own machine, without a running host.

pub mod conformance;
