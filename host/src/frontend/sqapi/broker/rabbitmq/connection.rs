//! Keeps a connection, with everything that hangs on it.

use std::sync::Arc;
use std::time::Duration;

use async_rs::Runtime;
use futures::future::select_all;
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Connection, ConnectionProperties};
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::publisher::Publisher;
use super::{Config, REFUSED, Shared};
use crate::frontend::sqapi::broker::Delivery;

impl Shared {
    /// Connects again whenever the connection is lost, each time after a
    /// longer pause until it held.
    pub(super) async fn keep_connected(self: Arc<Self>, arriving: mpsc::Sender<Delivery>) {
        let mut pause = self.config.backoff_min;
        loop {
            match self.connect().await {
                Ok(connection) => {
                    tracing::info!(pipeline = self.pipeline, "connected to RabbitMQ");
                    let began = Instant::now();
                    let why = self.use_up(Arc::new(connection), &arriving).await;
                    if began.elapsed() > self.config.backoff_max {
                        pause = self.config.backoff_min;
                    }
                    self.lost(why);
                }
                Err(error) => self.lost(error.to_string()),
            }
            tokio::time::sleep(jittered(pause)).await;
            pause = (pause * 2).min(self.config.backoff_max);
        }
    }

    fn lost(&self, why: String) {
        tracing::warn!(pipeline = self.pipeline, "no connection to RabbitMQ: {why}");
        self.disconnected(why);
    }

    /// Until it is lost, and why.
    async fn use_up(
        self: &Arc<Self>,
        connection: Arc<Connection>,
        arriving: &mpsc::Sender<Delivery>,
    ) -> String {
        let publisher = Arc::new(Publisher::new(connection.clone(), &self.config));
        self.connected(publisher.clone());
        tokio::select! {
            why = self.consume_all(&connection, arriving) => why,
            never = self.keep_prepared(&publisher) => never,
        }
    }

    /// Sees to it that dead letters can be sent before there are any.
    async fn keep_prepared(&self, publisher: &Publisher) -> String {
        let Some(dead) = &self.config.dead_letters else {
            return std::future::pending().await;
        };
        let name = format!("exchange {}", dead.exchange);
        loop {
            let refused = publisher.prepare(dead).await.err();
            if let Some(error) = &refused {
                tracing::warn!(pipeline = self.pipeline, "{name} is of no use: {error}");
            }
            self.sending(&name, refused.map(|error| error.0));
            tokio::time::sleep(REFUSED).await;
        }
    }

    async fn connect(&self) -> lapin::Result<Connection> {
        let config = &self.config;
        let properties = ConnectionProperties::default()
            .with_connection_name(format!("tenon/{}", self.pipeline).into());
        let tls = OwnedTLSConfig {
            identity: None,
            cert_chain: config.tls.as_ref().and_then(|tls| tls.authorities.clone()),
        };
        let runtime = Runtime::tokio_current();
        let connecting = Connection::connect_uri_with_config(uri(config), properties, tls, runtime);
        let timeout = tokio::time::timeout(config.connect_timeout, connecting);
        timeout.await.unwrap_or_else(|_| {
            let timed_out = std::io::ErrorKind::TimedOut.into();
            Err(lapin::ErrorKind::IOError(Arc::new(timed_out)).into())
        })
    }

    /// Until the first of the consumers has lost the connection, and why.
    async fn consume_all(
        self: &Arc<Self>,
        connection: &Connection,
        arriving: &mpsc::Sender<Delivery>,
    ) -> String {
        let sources = self.config.sources();
        let consumers = sources.iter().map(|source| {
            let consumer = self.keep_consuming(connection, source, arriving);
            Box::pin(consumer)
        });
        let (why, _, _) = select_all(consumers).await;
        why
    }
}

/// So that hosts which lost one server do not all come back at once.
fn jittered(pause: Duration) -> Duration {
    let part = uuid::Uuid::new_v4().as_bytes().first().copied();
    pause.mul_f64(0.75 + f64::from(part.unwrap_or_default()) / 512.0)
}

fn uri(config: &Config) -> AMQPUri {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    AMQPUri {
        scheme: match config.tls {
            Some(_) => AMQPScheme::AMQPS,
            None => AMQPScheme::AMQP,
        },
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: config.username.clone(),
                password: config.password.expose_secret().to_owned(),
            },
            host: config.host.clone(),
            port: config.port,
        },
        vhost: config.vhost.clone(),
        query: AMQPQueryString {
            // In seconds.
            heartbeat: u16::try_from(config.heartbeat.as_secs()).ok(),
            connection_timeout: Some(millis(config.connect_timeout)),
            ..AMQPQueryString::default()
        },
    }
}
