//! RabbitMQ, by AMQP 0-9-1. sqAPI contract, section 5.
//!
//! The pipeline's queue is shared by all hosts; an exchange sends each host
//! its own copy. A message stays unacknowledged until its verdict: tried again
//! by way of a queue whose messages expire, given up by way of an exchange for
//! dead letters. Where the topology is somebody else's, nothing is declared,
//! and what waits for another try waits in the host's own database.

mod connection;
mod consumer;
mod message;
mod publisher;
mod settlement;
mod topology;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::publisher::Publisher;
use self::settlement::Waited;
use super::embedded::Embedded;
use super::{Broker, BrokerError, Delivery, Message, Status};
use crate::persistence::Persistence;

/// Between two tries at what the server refuses: somebody has to change
/// something there.
const REFUSED: Duration = Duration::from_secs(10);

/// How RabbitMQ is reached and used.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The virtual host.
    pub vhost: String,
    /// Who logs in.
    pub username: String,
    /// With what.
    pub password: SecretString,
    /// Whether over TLS, and with which further authorities, as PEM.
    pub tls: Option<Tls>,
    /// Both sides take the other for dead after two without a word.
    pub heartbeat: Duration,
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// Between two tries to connect, at first.
    pub backoff_min: Duration,
    /// And at last.
    pub backoff_max: Duration,
    /// The queue from which all hosts take.
    pub queue: String,
    /// The exchange that sends each host a copy.
    pub exchange: Option<Exchange>,
    /// Who makes queues and exchanges.
    pub topology: Topology,
    /// Where dead letters go, beside the host's own database.
    pub dead_letters: Option<DeadLetters>,
}

/// A connection over TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Authorities beyond those of the system, as PEM.
    pub authorities: Option<String>,
}

/// An exchange and what is taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// Its type: `fanout`, `topic`, `direct` or `headers`.
    pub kind: String,
    /// Binding keys; sqAPI's only one is empty.
    pub keys: Vec<String>,
}

/// Who makes queues and exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// This host.
    Own {
        /// Whether they outlive the server, and a host's queue at the exchange
        /// outlives its connection.
        durable: bool,
    },
    /// Somebody else, before.
    Passive,
}

/// The exchange for dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetters {
    /// Its name.
    pub exchange: String,
    /// Its type.
    pub kind: String,
    /// The routing key; the processor that failed follows after a dot.
    pub routing_key: String,
}

/// A connection that is kept.
#[derive(Debug)]
pub(super) struct RabbitMq {
    shared: Arc<Shared>,
    arrived: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    pipeline: String,
    prefetch: u16,
    control: Handle,
    /// Where what is to be tried again waits, if not at the server.
    waiting: Option<Arc<Embedded>>,
    /// None while there is no connection.
    publisher: ArcSwapOption<Publisher>,
    stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    since: SystemTime,
    /// Why there is no connection; none while there is one.
    disconnected: Option<Option<String>>,
    /// Why a consumer does not consume, each by what it consumes from.
    idle: Vec<(String, Option<String>)>,
    /// Why something cannot be sent, each by what it is.
    unsent: BTreeMap<String, String>,
    stopped: bool,
}

impl RabbitMq {
    /// Connects, and goes on trying.
    pub(super) fn open(
        config: Config,
        pipeline: String,
        prefetch: u32,
        persistence: Persistence,
        control: &Handle,
    ) -> Arc<Self> {
        let stop = CancellationToken::new();
        let waiting = matches!(config.topology, Topology::Passive).then(|| {
            let queue = format!("sqapi/{pipeline}/retry");
            Embedded::open(queue, prefetch, persistence, control)
        });
        let shared = Arc::new(Shared {
            // The protocol's own limit.
            prefetch: u16::try_from(prefetch).unwrap_or(u16::MAX),
            config,
            pipeline,
            control: control.clone(),
            waiting,
            publisher: ArcSwapOption::empty(),
            stop: stop.clone(),
            state: Mutex::new(State {
                since: SystemTime::now(),
                disconnected: Some(None),
                idle: Vec::new(),
                unsent: BTreeMap::new(),
                stopped: false,
            }),
        });
        let (arriving, arrived) = mpsc::channel(prefetch as usize);
        let keeping = shared.clone().keep_connected(arriving);
        control.spawn(stop.clone().run_until_cancelled_owned(keeping));
        Arc::new(Self {
            shared,
            arrived: tokio::sync::Mutex::new(arrived),
            _stop: stop.drop_guard(),
        })
    }
}

#[async_trait]
impl Broker for RabbitMq {
    async fn receive(&self) -> Option<Delivery> {
        let mut arrived = self.arrived.lock().await;
        let next = async {
            match &self.shared.waiting {
                None => arrived.recv().await,
                Some(waiting) => tokio::select! {
                    delivery = arrived.recv() => delivery,
                    delivery = waiting.receive() => delivery.map(|it| self.waited(it)),
                },
            }
        };
        self.shared.stop.run_until_cancelled(next).await.flatten()
    }

    async fn publish(&self, message: Message) -> Result<(), BrokerError> {
        self.shared.publisher()?.publish(&message).await
    }

    fn status(&self) -> Status {
        self.shared.lock().status()
    }

    async fn stop(&self) {
        // The connection stays for what is still to be settled; it goes with
        // the last of those.
        self.shared.stop.cancel();
        let mut arrived = self.arrived.lock().await;
        arrived.close();
        // Dropped unsettled, each goes back.
        while arrived.recv().await.is_some() {}
        if let Some(waiting) = &self.shared.waiting {
            waiting.stop().await;
        }
        self.shared.lock().stopped = true;
    }
}

impl RabbitMq {
    fn waited(&self, delivery: Delivery) -> Delivery {
        let message = delivery.message.clone();
        let shared = self.shared.clone();
        Delivery::new(message, Box::new(Waited { shared, delivery }))
    }
}

impl Shared {
    fn publisher(&self) -> Result<Arc<Publisher>, BrokerError> {
        let publisher = self.publisher.load_full();
        publisher.ok_or_else(|| BrokerError("there is no connection to RabbitMQ".to_owned()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn disconnected(&self, why: String) {
        self.publisher.store(None);
        let mut state = self.lock();
        if state.disconnected.is_none() {
            state.since = SystemTime::now();
        }
        state.disconnected = Some(Some(why));
        state.idle.clear();
        state.unsent.clear();
    }

    fn connected(&self, publisher: Arc<Publisher>) {
        self.publisher.store(Some(publisher));
        self.lock().disconnected = None;
    }

    /// Notes why a consumer does not consume, or that it does.
    fn consuming(&self, from: &str, idle: Option<String>) {
        let mut state = self.lock();
        match state.idle.iter_mut().find(|(name, _)| name == from) {
            Some((_, known)) => *known = idle,
            None => state.idle.push((from.to_owned(), idle)),
        }
    }

    /// Notes why something cannot be sent, or that it can.
    fn sending(&self, what: &str, refused: Option<String>) {
        let mut state = self.lock();
        match refused {
            Some(why) => _ = state.unsent.insert(what.to_owned(), why),
            None => _ = state.unsent.remove(what),
        }
    }
}

impl State {
    fn status(&self) -> Status {
        let connecting = |error| Status::Connecting {
            since: self.since,
            error,
        };
        if self.stopped {
            return Status::Stopped;
        }
        if let Some(error) = &self.disconnected {
            return connecting(error.clone());
        }
        let idle = self.idle.iter().filter_map(|(from, idle)| {
            let why = idle.as_ref()?;
            Some(format!("{from}: {why}"))
        });
        let unsent = self
            .unsent
            .iter()
            .map(|(what, why)| format!("{what}: {why}"));
        let wrong: Vec<_> = idle.chain(unsent).collect();
        match wrong.is_empty() {
            true if !self.idle.is_empty() => Status::Consuming,
            true => connecting(None),
            false => connecting(Some(wrong.join("; "))),
        }
    }
}
