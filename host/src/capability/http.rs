//! Calls to granted hosts.
//!
//! Every request passes the same gates, the first of a chain of redirects as
//! well as the last: its origin must be granted, every address its host
//! resolves to must be one the grant allows, and a placeholder in it becomes a
//! credential only where the grant of *that* origin lists it. Redirects go
//! back to the guest, which follows them with a request of its own.

mod address;
mod body;
mod client;
mod connect;
mod error;
mod exchange;
mod grant;
mod hooks;
mod options;
mod origin;
mod request;
mod resolve;
pub(super) mod tls;

use std::time::Duration;

pub use self::address::AddressPolicy;
pub use self::grant::{Grant, Grants};
pub use self::hooks::Hooks;
pub use self::options::{Certificates, ClientError, ClientOptions, Proxy};
pub use self::origin::{Origin, OriginError};

/// What one call may ask of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Limit `http_requests`: requests one call may make.
    pub requests_max: u64,
    /// Limit `http_open`: requests one sandbox may have open.
    pub open_max: u32,
    /// Bytes of names and values in the head of a response.
    pub response_head_bytes_max: usize,
    /// Longest wait for the head of a response, from the last byte sent.
    pub first_byte_timeout: Duration,
    /// Longest wait within the body of a response.
    pub between_bytes_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 1000,
            open_max: 16,
            // Twice what common servers accept of a request.
            response_head_bytes_max: 64 * 1024,
            first_byte_timeout: Duration::from_secs(60),
            between_bytes_timeout: Duration::from_secs(60),
        }
    }
}

/// A sandbox's side of `wasi:http`.
#[derive(Debug)]
pub struct Ctx {
    /// State of the library that serves the interface.
    pub wasi: wasmtime_wasi_http::WasiHttpCtx,
    /// Where its requests end up.
    pub hooks: Hooks,
}

#[cfg(test)]
mod tests;
