//! Queues and exchanges, and how they are made.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Channel, ExchangeKind};

use super::{Config, DeadLetters, Exchange, Topology};

/// Delays that messages may wait at the server, in seconds: each is a queue,
/// so there are few.
const DELAYS_S: [u32; 12] = [1, 2, 5, 15, 30, 60, 120, 300, 600, 1800, 7200, 86_400];
/// A queue for a delay goes when nobody has used it for so long after.
const UNUSED: Duration = Duration::from_secs(600);

/// Where messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The queue of all hosts.
    Queue(String),
    /// This host's copy of what an exchange sends.
    Exchange(Exchange),
}

impl Source {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Queue(queue) => format!("queue {queue}"),
            Self::Exchange(exchange) => format!("exchange {}", exchange.name),
        }
    }
}

impl Config {
    pub(super) fn sources(&self) -> Vec<Source> {
        let exchange = self.exchange.clone().map(Source::Exchange);
        [Source::Queue(self.queue.clone())]
            .into_iter()
            .chain(exchange)
            .collect()
    }

    /// Whether what this host makes outlives the server.
    pub(super) fn durable(&self) -> bool {
        matches!(self.topology, Topology::Own { durable: true })
    }

    pub(super) fn is_passive(&self) -> bool {
        self.topology == Topology::Passive
    }

    /// Makes a source, or looks whether it is there, and returns the name of
    /// its queue.
    pub(super) async fn declare(
        &self,
        channel: &Channel,
        source: &Source,
    ) -> lapin::Result<String> {
        match source {
            Source::Queue(queue) => self.declare_queue(channel, queue).await,
            Source::Exchange(exchange) => self.declare_copy(channel, exchange).await,
        }
    }

    async fn declare_queue(&self, channel: &Channel, queue: &str) -> lapin::Result<String> {
        let options = QueueDeclareOptions {
            passive: self.is_passive(),
            durable: self.durable(),
            ..QueueDeclareOptions::default()
        };
        channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await?;
        Ok(queue.to_owned())
    }

    /// A durable queue by the host's name keeps what is sent while it is away.
    /// Otherwise the server names a queue that goes with the connection.
    async fn declare_copy(&self, channel: &Channel, exchange: &Exchange) -> lapin::Result<String> {
        let options = ExchangeDeclareOptions {
            passive: self.is_passive(),
            durable: self.durable(),
            ..ExchangeDeclareOptions::default()
        };
        let (name, kind) = (exchange.name.as_str(), kind(&exchange.kind));
        channel
            .exchange_declare(name.into(), kind, options, FieldTable::default())
            .await?;
        let durable = self.durable();
        let queue = match durable {
            true => format!("{}.{name}.{}", self.queue, host_name()),
            false => String::new(),
        };
        let options = QueueDeclareOptions {
            durable,
            exclusive: !durable,
            auto_delete: !durable,
            ..QueueDeclareOptions::default()
        };
        let declared = channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await?;
        let queue = declared.name().to_string();
        for key in &exchange.keys {
            let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
            channel
                .queue_bind(
                    queue.as_str().into(),
                    name.into(),
                    key.as_str().into(),
                    options,
                    arguments,
                )
                .await?;
        }
        Ok(queue)
    }

    /// The queue in which a message waits at least this long before it comes
    /// back to the queue of all hosts.
    pub(super) async fn declare_delay(
        &self,
        channel: &Channel,
        delay: Duration,
    ) -> lapin::Result<String> {
        let wanted = delay.as_secs_f64();
        let seconds = DELAYS_S.into_iter().find(|s| f64::from(*s) >= wanted);
        let seconds = seconds.unwrap_or(86_400);
        let ttl_ms = u64::from(seconds) * 1000;
        let unused_ms = ttl_ms + u64::try_from(UNUSED.as_millis()).unwrap_or_default();
        let number = |ms: u64| AMQPValue::LongLongInt(i64::try_from(ms).unwrap_or(i64::MAX));
        let text = |text: &str| AMQPValue::LongString(LongString::from(text));
        let mut arguments = FieldTable::default();
        arguments.insert("x-message-ttl".into(), number(ttl_ms));
        arguments.insert("x-expires".into(), number(unused_ms));
        arguments.insert("x-dead-letter-exchange".into(), text(""));
        arguments.insert("x-dead-letter-routing-key".into(), text(&self.queue));
        let options = QueueDeclareOptions {
            durable: self.durable(),
            ..QueueDeclareOptions::default()
        };
        let queue = format!("{}.retry.{seconds}s", self.queue);
        channel
            .queue_declare(queue.as_str().into(), options, arguments)
            .await?;
        Ok(queue)
    }

    /// The exchange for dead letters, and a queue that keeps them. Where the
    /// topology is somebody else's, only a look at the exchange.
    pub(super) async fn declare_dead(
        &self,
        channel: &Channel,
        dead: &DeadLetters,
    ) -> lapin::Result<()> {
        let options = ExchangeDeclareOptions {
            passive: self.is_passive(),
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let (name, kind) = (dead.exchange.as_str(), kind(&dead.kind));
        channel
            .exchange_declare(name.into(), kind, options, FieldTable::default())
            .await?;
        if self.is_passive() {
            return Ok(());
        }
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        channel
            .queue_declare(self.dead_queue().into(), options, FieldTable::default())
            .await?;
        let every = format!("{}.#", dead.routing_key);
        self.bind_dead(channel, dead, &every).await
    }

    /// Has that queue take a routing key.
    pub(super) async fn bind_dead(
        &self,
        channel: &Channel,
        dead: &DeadLetters,
        key: &str,
    ) -> lapin::Result<()> {
        let (queue, exchange) = (self.dead_queue(), dead.exchange.as_str());
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        channel
            .queue_bind(
                queue.into(),
                exchange.into(),
                key.into(),
                options,
                arguments,
            )
            .await
    }

    fn dead_queue(&self) -> String {
        format!("{}.dead", self.queue)
    }
}

fn kind(kind: &str) -> ExchangeKind {
    match kind {
        "fanout" => ExchangeKind::Fanout,
        "direct" => ExchangeKind::Direct,
        "topic" => ExchangeKind::Topic,
        "headers" => ExchangeKind::Headers,
        other => ExchangeKind::Custom(other.to_owned()),
    }
}

fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}
