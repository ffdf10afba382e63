//! Credentials. The one that came with the call is named `caller`; others are named by the
//! connector's grants.

use crate::{Result, backend};

/// An opaque text that stands for the credential in a request. On its way to a host whose grant
/// lists it, the host puts the credential in its place: in header values, and in bodies of known
/// length up to 64 KiB. It is worthless anywhere else and in any other call.
///
/// `unauthenticated` when the call brought no credential of that name, `denied` when no grant
/// lists it.
pub fn placeholder(name: &str) -> Result<String> {
    backend::secret::placeholder(name)
}

/// The value itself. Needs the separate `reveal` grant, `denied` without.
pub fn reveal(name: &str) -> Result<String> {
    backend::secret::reveal(name)
}
