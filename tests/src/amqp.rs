//! A client of RabbitMQ that is no host: somebody else, who makes queues and
//! exchanges, sends messages and looks for them.

use std::net::SocketAddr;

use async_rs::Runtime;
use lapin::message::Delivery;
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ExchangeDeclareOptions, ExchangeDeleteOptions,
    QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::tcp::OwnedTLSConfig;
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};

use crate::wait;

/// A connection with one channel.
pub struct Amqp {
    channel: Channel,
    _connection: Connection,
}

impl Amqp {
    /// Connects as RabbitMQ's own first user.
    ///
    /// # Panics
    ///
    /// When it may not. So does everything else here.
    pub async fn connect(address: SocketAddr) -> Self {
        let uri = format!("amqp://guest:guest@{address}/%2f");
        let connection = Connection::connect_with_config(
            &uri,
            ConnectionProperties::default(),
            OwnedTLSConfig::default(),
            Runtime::tokio_current(),
        );
        let connection = connection.await.expect("a connection");
        Self {
            channel: connection.create_channel().await.expect("a channel"),
            _connection: connection,
        }
    }

    /// Makes a queue.
    pub async fn queue(&self, name: &str, durable: bool) {
        let options = QueueDeclareOptions {
            durable,
            ..QueueDeclareOptions::default()
        };
        let arguments = FieldTable::default();
        let made = self.channel.queue_declare(name.into(), options, arguments);
        made.await.expect("a queue");
    }

    /// Removes a queue.
    pub async fn remove_queue(&self, name: &str) {
        let options = QueueDeleteOptions::default();
        let removed = self.channel.queue_delete(name.into(), options);
        removed.await.expect("no queue");
    }

    /// Makes an exchange that compares keys by patterns, with a queue that
    /// takes all of it.
    pub async fn exchange(&self, name: &str, queue: &str) {
        let options = ExchangeDeclareOptions::default();
        let arguments = FieldTable::default();
        let (kind, channel) = (ExchangeKind::Topic, &self.channel);
        let made = channel.exchange_declare(name.into(), kind, options, arguments);
        made.await.expect("an exchange");
        self.queue(queue, false).await;
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        let bound = channel.queue_bind(queue.into(), name.into(), "#".into(), options, arguments);
        bound.await.expect("a binding");
    }

    /// Removes an exchange.
    pub async fn remove_exchange(&self, name: &str) {
        let options = ExchangeDeleteOptions::default();
        let removed = self.channel.exchange_delete(name.into(), options);
        removed.await.expect("no exchange");
    }

    /// Sends a message. An exchange without a name is that of queues' names.
    pub async fn publish(&self, exchange: &str, key: &str, body: impl ToString) {
        let body = body.to_string();
        self.send(exchange, key, body.as_bytes(), BasicProperties::default())
            .await;
    }

    /// Sends a queue what need be no text.
    pub async fn publish_bytes(&self, queue: &str, body: &[u8]) {
        self.send("", queue, body, BasicProperties::default()).await;
    }

    /// Sends a message that was taken to a queue, as it is.
    pub async fn send_back(&self, queue: &str, message: &Delivery) {
        let properties = message.properties.clone();
        self.send("", queue, &message.data, properties).await;
    }

    async fn send(&self, exchange: &str, key: &str, body: &[u8], properties: BasicProperties) {
        let options = BasicPublishOptions::default();
        let (exchange, key, channel) = (exchange.into(), key.into(), &self.channel);
        let sent = channel.basic_publish(exchange, key, options, body, properties);
        sent.await.expect("room for a message");
    }

    /// Takes all that is in a queue.
    pub async fn drain(&self, queue: &str) -> Vec<Delivery> {
        let mut found = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        let get = || self.channel.basic_get(queue.into(), options);
        while let Some(got) = get().await.expect("a queue") {
            found.push(got.delivery);
        }
        found
    }

    /// Waits for a message in a queue, and takes it.
    pub async fn take(&self, queue: &str) -> Delivery {
        wait::until(&format!("a message in {queue}"), async || {
            let options = BasicGetOptions { no_ack: true };
            let taken = self.channel.basic_get(queue.into(), options);
            Some(taken.await.expect("a queue")?.delivery)
        })
        .await
    }
}

impl std::fmt::Debug for Amqp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amqp").finish_non_exhaustive()
    }
}
