//! The role of a plugin that looks at objects, one of several that look at the same.

mod message;

pub use crate::transfer::Blob;
pub use message::Message;
#[cfg(feature = "json")]
pub use message::metadata;

use crate::Result;

/// A processor. What it finds out it keeps in the granted [`database`](crate::database).
pub trait Processor: crate::lifecycle::Plugin {
    /// The media types it takes unless the operator says otherwise, such as `image/png`,
    /// `image/*`; all where there are none.
    fn accepts() -> Vec<String> {
        Vec::new()
    }

    /// Makes what it needs, such as tables, unless that is there. Called each time the pipeline
    /// starts, by several hosts at once.
    fn initialize(&self) -> Result<()> {
        Ok(())
    }

    /// Looks at one object. `metadata` is JSON. A message may come again after a failure: what it
    /// stores must bear that. What it returns is kept with the message's status: JSON, 64 KiB at
    /// most.
    fn execute(
        &self,
        message: &Message,
        metadata: &str,
        data: &mut Blob<'_>,
    ) -> Result<Option<String>>;
}
