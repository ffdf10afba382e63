//! The role of a plugin that looks at objects, one of several that look at the same.

use crate::Result;
pub use crate::transfer::Blob;

/// The message that an object came with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The object's identity, as the message gives it.
    pub uuid: String,
    /// The media type it was accepted under, without parameters and in lower case; empty where the
    /// message has none.
    pub media_type: String,
    /// Where the object is.
    pub data_location: String,
    /// Where its metadata is, when it does not come with the message.
    pub meta_location: Option<String>,
    /// SHA-256 of the object, in lower-case hexadecimal.
    pub hash_digest: String,
    /// The message as it was sent: a JSON object.
    pub body: String,
}

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
