//! Sends messages on channels of its own, and knows of each whether the
//! server has it for good.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use tokio::sync::Mutex;

use super::message::{dead_properties, properties};
use super::{Config, DeadLetters};
use crate::frontend::sqapi::broker::{BrokerError, Death, Failed, Message};

/// What is sent over one connection. Dead letters have a channel of their own:
/// the server closes a channel on which it refuses something, with all that is
/// under way there.
pub(super) struct Publisher {
    connection: Arc<Connection>,
    config: Config,
    again: Line,
    dead: Line,
}

/// A channel with confirmations. After one that was closed comes another.
#[derive(Default)]
struct Line(Mutex<Option<Channel>>);

impl Line {
    async fn channel(&self, connection: &Connection) -> lapin::Result<Channel> {
        let mut kept = self.0.lock().await;
        if let Some(channel) = kept.as_ref().filter(|it| it.status().connected()) {
            return Ok(channel.clone());
        }
        let channel = connection.create_channel().await?;
        let options = ConfirmSelectOptions::default();
        channel.confirm_select(options).await?;
        *kept = Some(channel.clone());
        Ok(channel)
    }
}

impl Publisher {
    pub(super) fn new(connection: Arc<Connection>, config: &Config) -> Self {
        Self {
            connection,
            config: config.clone(),
            again: Line::default(),
            dead: Line::default(),
        }
    }

    /// Into the queue of all hosts.
    pub(super) async fn publish(&self, message: &Message) -> Result<(), BrokerError> {
        let channel = self
            .again
            .channel(&self.connection)
            .await
            .map_err(refused)?;
        let queue = &self.config.queue;
        let sent = send(&channel, "", queue, message, properties(message));
        sent.await?.routed()
    }

    /// Into that queue, after a delay.
    pub(super) async fn publish_later(
        &self,
        message: &Message,
        after: Duration,
    ) -> Result<(), BrokerError> {
        let channel = self
            .again
            .channel(&self.connection)
            .await
            .map_err(refused)?;
        // Each time: the server removes one that was not used for long.
        let queue = self.config.declare_delay(&channel, after).await;
        let queue = queue.map_err(refused)?;
        let sent = send(&channel, "", &queue, message, properties(message));
        sent.await?.routed()
    }

    /// Makes what dead letters need, or looks whether it is there.
    pub(super) async fn prepare(&self, dead: &DeadLetters) -> Result<(), BrokerError> {
        let channel = self.dead.channel(&self.connection).await.map_err(refused)?;
        let declared = self.config.declare_dead(&channel, dead).await;
        declared.map_err(refused)
    }

    /// To the exchange for dead letters, for one processor that failed.
    pub(super) async fn bury(
        &self,
        message: &Message,
        death: &Death,
        failed: Option<&Failed>,
        dead: &DeadLetters,
    ) -> Result<(), BrokerError> {
        let key = match failed {
            Some(failed) => format!("{}.{}", dead.routing_key, failed.plugin),
            None => dead.routing_key.clone(),
        };
        let channel = self.dead.channel(&self.connection).await.map_err(refused)?;
        let send = || {
            let properties = dead_properties(message, death, failed);
            send(&channel, &dead.exchange, &key, message, properties)
        };
        match send().await? {
            Sent::Routed => Ok(()),
            Sent::Returned(why) if self.config.is_passive() => {
                // Whoever made the exchange wants none of these; it is kept in
                // the host's own database all the same.
                tracing::warn!("a dead letter is dropped: {why}");
                Ok(())
            }
            Sent::Returned(_) => {
                let made = self.config.declare_dead(&channel, dead).await;
                made.map_err(refused)?;
                // An exchange that compares keys as a whole knows no pattern.
                let bound = self.config.bind_dead(&channel, dead, &key).await;
                bound.map_err(refused)?;
                send().await?.routed()
            }
        }
    }
}

/// What became of a message that was sent.
enum Sent {
    Routed,
    /// It came back: no queue takes it.
    Returned(String),
}

impl Sent {
    fn routed(self) -> Result<(), BrokerError> {
        match self {
            Self::Routed => Ok(()),
            Self::Returned(why) => Err(BrokerError(why)),
        }
    }
}

async fn send(
    channel: &Channel,
    exchange: &str,
    key: &str,
    message: &Message,
    properties: BasicProperties,
) -> Result<Sent, BrokerError> {
    // What nobody would get comes back.
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let (into, by) = (exchange.into(), key.into());
    let sent = channel.basic_publish(into, by, options, &message.body, properties);
    match sent.await.map_err(refused)?.await.map_err(refused)? {
        Confirmation::Ack(None) => Ok(Sent::Routed),
        Confirmation::Ack(Some(returned)) => Ok(Sent::Returned(format!(
            "no queue takes `{key}` from the exchange `{exchange}`: {}",
            returned.reply_text
        ))),
        Confirmation::Nack(_) | Confirmation::NotRequested => {
            Err(BrokerError("RabbitMQ has not taken the message".to_owned()))
        }
    }
}

fn refused(error: lapin::Error) -> BrokerError {
    BrokerError(error.to_string())
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}
