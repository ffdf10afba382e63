//! HTTP towards the hosts that the connector's grants name.
//!
//! The host resolves and checks addresses, keeps connections, speaks TLS, and puts credentials in
//! the place of their placeholders, so a plugin never holds one.

mod request;
mod response;
#[cfg(test)]
mod tests;
mod url;

pub use request::Request;
pub use response::Response;
pub(crate) use url::Url;
pub use url::{escaped, own_link};

use crate::transfer::Reader;

/// One request without its body, on its way to the back end.
pub(crate) struct Wire<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a [(String, String)],
}

/// A request's body.
pub(crate) enum Payload<'a, 'r> {
    Empty,
    Bytes(&'a [u8]),
    Stream(&'a mut Reader<'r>),
}
