//! What a processor gets to know of an object beside its bytes.

use crate::database::Value;
#[cfg(feature = "json")]
use crate::{Error, Result};

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

impl Message {
    /// Parameters for a script that stores what was found: `uuid_ref`, `meta_location` and
    /// `data_location`, the columns that all tables of sqAPI's plugins share, and those given.
    pub fn parameters<const FOUND: usize>(
        &self,
        found: [(&'static str, Value); FOUND],
    ) -> Vec<(&'static str, Value)> {
        let mut parameters = vec![
            ("uuid_ref", Value::from(&self.uuid)),
            ("meta_location", self.meta_location.as_deref().into()),
            ("data_location", Value::from(&self.data_location)),
        ];
        parameters.extend(found);
        parameters
    }
}

/// Reads metadata as [`Processor::execute`](super::Processor::execute) gets it. `invalid` for what
/// is no JSON.
#[cfg(feature = "json")]
pub fn metadata(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text)
        .map_err(|error| Error::invalid(format!("the metadata is no JSON: {error}")))
}
