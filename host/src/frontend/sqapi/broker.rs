//! Where messages come from, and what becomes of them.
//!
//! A broker delivers each message until it is settled, at least once. It keeps
//! its connection by itself: whoever receives only waits longer. What the
//! pipeline needs of a broker stands here; it names none.

mod embedded;
pub mod nats;
pub mod rabbitmq;

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use crate::persistence::{Letter, Persistence};

/// Which broker, and how it is reached.
#[derive(Debug, Clone)]
pub enum Config {
    /// A queue in the host's own database.
    Embedded,
    /// RabbitMQ.
    RabbitMq(Box<rabbitmq::Config>),
    /// NATS JetStream.
    Nats(nats::Config),
}

/// Opens the broker of a pipeline. It connects by itself, on `control`, where
/// no guest can keep it from answering.
///
/// `prefetch` messages at most are at the pipeline or on their way there.
pub fn open(
    config: &Config,
    pipeline: &str,
    prefetch: u32,
    persistence: &Persistence,
    control: &Handle,
) -> Arc<dyn Broker> {
    match config {
        Config::Embedded => {
            let queue = format!("sqapi/{pipeline}");
            embedded::Embedded::open(queue, prefetch, persistence.clone(), control)
        }
        Config::Nats(config) => {
            nats::Nats::open(config.clone(), pipeline.to_owned(), prefetch, control)
        }
        Config::RabbitMq(config) => rabbitmq::RabbitMq::open(
            (**config).clone(),
            pipeline.to_owned(),
            prefetch,
            persistence.clone(),
            control,
        ),
    }
}

/// A source of messages.
#[async_trait]
pub trait Broker: Debug + Send + Sync {
    /// The next message, as soon as there is one. Called only when there is
    /// room for it. `None` once the broker was stopped and nothing is left.
    async fn receive(&self) -> Option<Delivery>;

    /// Puts a message where those of this pipeline are taken from. Returns
    /// once the broker has it for good.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] when it may not have it.
    async fn publish(&self, message: Message) -> Result<(), BrokerError>;

    /// How it is connected.
    fn status(&self) -> Status;

    /// Delivers nothing more. What was delivered can still be settled; what
    /// was fetched ahead goes back.
    async fn stop(&self);
}

/// A message, as it is sent and as it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What was sent.
    pub body: Bytes,
    /// The one processor that is to run; all that accept it where none is
    /// named.
    pub only: Option<String>,
    /// Counted tries before this one.
    pub attempt: u32,
    /// Where it came from, for reasons of dead letters.
    pub origin: Origin,
}

/// Where a message was first taken from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The queue, or what comes nearest to one.
    pub queue: String,
    /// The exchange, if it came by one.
    pub exchange: String,
    /// The key it was routed by.
    pub routing_key: String,
}

/// A message that waits to be settled. Dropped unsettled, it is delivered
/// again.
#[derive(Debug)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    settlement: Option<Box<dyn Settlement>>,
}

/// What becomes of a delivered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its final status is stored; it is not delivered again.
    Done,
    /// Delivered again after a delay, as another counted try. It is held
    /// unacknowledged by nobody meanwhile.
    Retry {
        /// How long it waits.
        after: Duration,
    },
    /// Delivered again after a delay, as if it had not been tried.
    Requeue {
        /// How long it waits.
        after: Duration,
    },
    /// Given up: kept where dead letters are, and not delivered again.
    Dead(Death),
}

/// Why a message was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// What went wrong, for a person. Holds no secret.
    pub reason: String,
    /// The outcome's name, such as `invalid`.
    pub kind: &'static str,
    /// The processors that failed, one dead letter each; none where the
    /// message did not get as far.
    pub failed: Vec<Failed>,
    /// When.
    pub at: SystemTime,
}

/// A processor that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub plugin: String,
    /// The outcome's name.
    pub kind: &'static str,
    /// What went wrong, for a person. Holds no secret.
    pub reason: String,
}

/// Settles one delivery.
#[async_trait]
pub trait Settlement: Debug + Send {
    /// Carries a verdict out. Returns once the broker knows it for good.
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BrokerError>;

    /// Gives the message back at once, uncounted, without waiting.
    fn give_back(self: Box<Self>);
}

/// How a broker is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not yet, or not any more; it tries again by itself.
    Connecting {
        /// Since when.
        since: SystemTime,
        /// Why the last try failed. Holds no secret.
        error: Option<String>,
    },
    /// Messages are taken as they come.
    Consuming,
    /// Stopped on request.
    Stopped,
    /// It has given up; only a restart helps.
    Failed(String),
}

/// A verdict or message that did not get through.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BrokerError(pub String);

impl Message {
    /// The message as it is kept in a database.
    pub fn letter(&self) -> Letter {
        Letter {
            body: self.body.to_vec(),
            only: self.only.clone().unwrap_or_default(),
            attempt: self.attempt,
            // Three texts.
            origin: serde_json::to_string(&self.origin).unwrap_or_default(),
        }
    }
}

impl Death {
    /// What each dead letter is about: a processor that failed, or the message
    /// as a whole.
    fn letters(&self) -> Vec<Option<&Failed>> {
        match self.failed.as_slice() {
            [] => vec![None],
            failed => failed.iter().map(Some).collect(),
        }
    }

    /// The outcome's name and the reason, of the message or of one processor.
    fn told<'d>(&'d self, failed: Option<&'d Failed>) -> (&'static str, &'d str) {
        match failed {
            None => (self.kind, &self.reason),
            Some(failed) => (failed.kind, &failed.reason),
        }
    }
}

impl From<Letter> for Message {
    fn from(letter: Letter) -> Self {
        Self {
            body: letter.body.into(),
            only: Some(letter.only).filter(|only| !only.is_empty()),
            attempt: letter.attempt,
            // Where it came from is told to people alone.
            origin: serde_json::from_str(&letter.origin).unwrap_or_default(),
        }
    }
}

impl Delivery {
    /// A message and how it is settled.
    pub fn new(message: Message, settlement: Box<dyn Settlement>) -> Self {
        Self {
            message,
            settlement: Some(settlement),
        }
    }

    /// Carries a verdict out.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] when the broker may not know of it; it then delivers
    /// the message again.
    pub async fn settle(mut self, verdict: Verdict) -> Result<(), BrokerError> {
        match self.settlement.take() {
            Some(settlement) => settlement.settle(verdict).await,
            None => Ok(()),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(settlement) = self.settlement.take() {
            settlement.give_back();
        }
    }
}

impl Status {
    /// Its name in `/health` and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connecting { .. } => "connecting",
            Self::Consuming => "consuming",
            Self::Stopped => "stopped",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting {
                error: Some(error), ..
            } => write!(f, "connecting: {error}"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            other => f.write_str(other.name()),
        }
    }
}
