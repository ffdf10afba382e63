//! Every suite, in one binary, so that the host is linked once.

mod admin;
mod admission;
mod author;
mod clients;
mod config;
mod conformance;
mod deposit;
mod drain;
mod life;
mod oci;
mod osf;
mod rds;
mod reload;
mod sandbox;
mod smoke;
mod sqapi;
mod swift;
mod telemetry;
mod tidy;
mod usage;
mod webdav;
