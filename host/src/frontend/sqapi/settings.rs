//! What a pipeline is configured to do, checked.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;

use super::mime::MediaRange;
use crate::dispatch::ConnectorId;

/// One pipeline: a broker, three stores, and the processors.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its tenant and name.
    pub id: ConnectorId,
    /// An address of its own, beside its place on the shared listener.
    pub listen: Option<SocketAddr>,
    /// What of it runs.
    pub mode: Mode,
    /// How messages are read.
    pub parsing: Parsing,
    /// How the media type is found where the message does not say it.
    pub mime: MimeSource,
    /// Plays `file-store`; finds the data.
    pub data_store: ConnectorId,
    /// What data locations may begin with, and is then left out: the folder on
    /// the machine that the store's root is.
    pub data_root: Option<String>,
    /// Plays `metadata-store`; without one, metadata that no message brings
    /// is `{}`.
    pub meta_store: Option<ConnectorId>,
    /// Plays `message-log`; keeps the table `messages`.
    pub database: ConnectorId,
    /// Never empty, unless it only serves resources.
    pub processors: Vec<Processor>,
    /// What it may use.
    pub limits: Limits,
    /// How often and when a message is tried again.
    pub retry: Retry,
    /// Waits this long before each message; sqAPI's `process_delay`.
    pub process_delay: Duration,
    /// Objects and messages taken in over HTTP.
    pub intake: Intake,
    /// Whether the process ends where the pipeline cannot be started in
    /// [`Limits::start_timeout`]; otherwise it goes on trying.
    pub must_start: bool,
}

/// Messages that a processor looks at, at one time, unless told otherwise:
/// enough to hide a database's commits, and few enough for their memory.
pub const CONCURRENCY: u32 = 16;

/// sqAPI's first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Messages and resources.
    #[default]
    Both,
    /// Messages alone.
    Loader,
    /// Resources alone; the broker is not needed.
    Api,
}

/// One processor.
#[derive(Debug, Clone)]
pub struct Processor {
    /// Its name in results, addresses and routing keys.
    pub name: String,
    /// Plays `processor`, and may serve resources.
    pub connector: ConnectorId,
    /// The media types it takes; where nothing is said, those it names itself.
    /// An empty list is all.
    pub accepts: Option<Vec<MediaRange>>,
    /// A script to run at each start, before the processor's own, and the
    /// connector that plays `database` for it.
    pub init: Option<Init>,
    /// Messages it looks at, at one time.
    pub concurrency: u32,
}

/// An operator's own script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// The file it was read from.
    pub file: String,
    /// The script.
    pub script: String,
    /// Plays `database`.
    pub database: ConnectorId,
}

/// How a message's fields are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsing {
    /// The form of the body.
    pub parser: Parser,
    /// Where each field is.
    pub fields: Fields,
}

/// The form of a body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Parser {
    /// A JSON object.
    #[default]
    Json,
    /// Fields in order, between delimiters.
    Delimited {
        /// The fields' keys.
        format: Vec<String>,
        /// What stands between them.
        delimiter: String,
    },
}

/// Each field a message may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The object's identity.
    pub uuid: Field,
    /// Its media type.
    pub media_type: Field,
    /// JSON text that takes the place of the metadata store.
    pub metadata: Field,
    /// Where the data is.
    pub data_location: Field,
    /// Where the metadata is.
    pub meta_location: Field,
    /// Further keys that must be there.
    pub required: Vec<String>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its key in the body.
    pub key: String,
    /// Whether a message without it is refused.
    pub required: bool,
}

/// How the media type is found: the message, the metadata, the content, the
/// name's extension, `application/octet-stream`; the first that knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MimeSource {
    /// Where in the metadata it stands, key by key; sqAPI's
    /// `message.mime.path`.
    pub path: Vec<String>,
    /// Whether anything beyond message and metadata is asked.
    pub guess: bool,
}

/// What a pipeline may use at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Messages at one time: the broker's prefetch.
    pub messages: u32,
    /// Bytes of a message. One carries references, not data.
    pub message_bytes: u64,
    /// Bytes of one object.
    pub data_bytes: u64,
    /// Bytes of all objects that wait or are looked at, on disk.
    pub spool_bytes: u64,
    /// Bytes of metadata.
    pub metadata_bytes: u64,
    /// For broker and database to answer at start, before the host gives up.
    pub start_timeout: Duration,
}

/// When a message is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The delay before each further try; after the last, it is given up.
    pub delays: Vec<Duration>,
}

/// What is taken in over HTTP.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// Whether it is.
    pub enabled: bool,
    /// What must come as `Authorization: Bearer`.
    pub token: Option<SecretString>,
}

/// As sqAPI is shipped. Contract, section 4.
impl Default for Fields {
    fn default() -> Self {
        let field = |key: &str, required| Field {
            key: key.to_owned(),
            required,
        };
        Self {
            uuid: field("uuid_ref", true),
            media_type: field("data_type", true),
            metadata: field("metadata", false),
            data_location: field("data_location", true),
            meta_location: field("meta_location", true),
            required: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Covers what two cores work on while a database commits.
            messages: 128,
            message_bytes: 1 << 20,
            data_bytes: 2 << 30,
            spool_bytes: 8 << 30,
            metadata_bytes: 4 << 20,
            start_timeout: Duration::from_secs(60),
        }
    }
}

impl Default for Retry {
    /// Ten minutes in all: an upstream's restart, not its repair.
    fn default() -> Self {
        let delays = [1, 5, 15, 60, 120, 400].map(Duration::from_secs);
        Self {
            delays: delays.into(),
        }
    }
}
