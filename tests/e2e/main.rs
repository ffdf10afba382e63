//! Every suite, in one binary, so that the host is linked once.

mod clients;
mod config;
mod deposit;
mod drain;
mod life;
mod osf;
mod rds;
mod reload;
mod sandbox;
mod smoke;
mod telemetry;
mod tidy;
mod webdav;
