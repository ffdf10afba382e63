//! The role of a plugin that keeps what became of each message, in the table `messages`.

use crate::Result;

/// What is known of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Whose entry this is.
    pub uuid: String,
    /// Where its metadata is.
    pub meta_location: Option<String>,
    /// Where its data is.
    pub data_location: Option<String>,
    /// The media type of its data.
    pub data_type: Option<String>,
    /// `QUERYING`, `PROCESSING`, `DONE`, `RETRY` or `FAILED`.
    pub status: String,
    /// Why it is that.
    pub info: Option<String>,
    /// What each plugin made of it: a JSON object.
    pub results: Option<String>,
}

/// A log of messages.
pub trait MessageLog: crate::lifecycle::Plugin {
    /// Makes the table, unless it is there. A table of sqAPI's own gets the columns that it lacks.
    /// Several hosts may ask at once.
    fn initialize(&self) -> Result<()>;

    /// What is known of a message.
    fn get(&self, uuid: &str) -> Result<Option<Entry>>;

    /// Stores all entries, or none; of several for one message the last holds. An entry replaces
    /// what was known of its message; the time of the first one stays. `results` of none leaves
    /// those before.
    fn update(&self, entries: &[Entry]) -> Result<()>;
}
