//! Sends messages on a channel of its own, and knows of each whether the
//! server has it for good.

use std::fmt;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection};

use super::message::{dead_properties, properties};
use super::{Config, DeadLetters};
use crate::frontend::sqapi::broker::{BrokerError, Death, Message};

/// A channel with confirmations.
pub(super) struct Publisher {
    channel: Channel,
    config: Config,
}

impl Publisher {
    /// Opens a channel, and makes what dead letters need.
    pub(super) async fn open(connection: &Connection, config: &Config) -> lapin::Result<Self> {
        let channel = connection.create_channel().await?;
        let options = ConfirmSelectOptions::default();
        channel.confirm_select(options).await?;
        if let Some(dead) = &config.dead_letters
            && !config.is_passive()
        {
            config.declare_dead(&channel, dead).await?;
        }
        Ok(Self {
            channel,
            config: config.clone(),
        })
    }

    /// Into the queue of all hosts.
    pub(super) async fn publish(&self, message: &Message) -> Result<(), BrokerError> {
        let queue = &self.config.queue;
        self.send("", queue, message, properties(message)).await
    }

    /// Into that queue, after a delay.
    pub(super) async fn publish_later(
        &self,
        message: &Message,
        after: Duration,
    ) -> Result<(), BrokerError> {
        // Each time: the server removes one that was not used for long.
        let queue = self.config.declare_delay(&self.channel, after).await;
        let queue = queue.map_err(failed)?;
        self.send("", &queue, message, properties(message)).await
    }

    /// To the exchange for dead letters, once for each processor that failed.
    pub(super) async fn bury(
        &self,
        message: &Message,
        death: &Death,
        dead: &DeadLetters,
    ) -> Result<(), BrokerError> {
        let base = &dead.routing_key;
        let mut keys: Vec<_> = death
            .plugins
            .iter()
            .map(|it| format!("{base}.{it}"))
            .collect();
        if keys.is_empty() {
            keys.push(base.clone());
        }
        for key in keys {
            let properties = dead_properties(message, death);
            self.send(&dead.exchange, &key, message, properties).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        exchange: &str,
        key: &str,
        message: &Message,
        properties: BasicProperties,
    ) -> Result<(), BrokerError> {
        // What nobody would get comes back.
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let sent = self
            .channel
            .basic_publish(
                exchange.into(),
                key.into(),
                options,
                &message.body,
                properties,
            )
            .await;
        match sent.map_err(failed)?.await.map_err(failed)? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(returned)) => Err(BrokerError(format!(
                "no queue takes `{key}` from the exchange `{exchange}`: {}",
                returned.reply_text
            ))),
            Confirmation::Nack(_) | Confirmation::NotRequested => {
                Err(BrokerError("RabbitMQ has not taken the message".to_owned()))
            }
        }
    }
}

fn failed(error: lapin::Error) -> BrokerError {
    BrokerError(error.to_string())
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}
