//! The role of a store of metadata under references, behind some protocol.

#[cfg(feature = "json")]
mod kept;

#[cfg(feature = "json")]
pub use kept::kept_in;

use crate::Result;

/// A store of metadata.
pub trait MetadataStore: crate::lifecycle::Plugin {
    /// The JSON text that a reference stands for. What is empty is `not-found`, as if it were
    /// missing: it may appear later.
    fn fetch(&self, reference: &str) -> Result<String>;
}
