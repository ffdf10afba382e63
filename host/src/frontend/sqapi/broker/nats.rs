//! NATS JetStream: a stream of messages and a durable consumer, from which all
//! hosts pull.
//!
//! A message that is to be tried again is sent anew, with its count and the
//! moment when it is due, before the old one is acknowledged: what the server
//! counts by itself would count crashes as well. One that comes before it is
//! due is left with the server until then.

mod message;
mod settlement;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_nats::connection::State as ConnectionState;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{self, AckKind, Context, stream};
use async_nats::{Client, ConnectOptions};
use async_trait::async_trait;
use futures::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::settlement::Pending;
use super::{Broker, BrokerError, Delivery, Message, Status};

/// How long a message stays with a host that says nothing more of it.
const ACK_WAIT: Duration = Duration::from_secs(60);
/// How long one request for messages waits for them.
const EXPIRES: Duration = Duration::from_secs(5);
/// Between two tries at a server that refuses.
const RETRY: Duration = Duration::from_secs(1);
/// Messages asked for at a time.
const BATCH: usize = 64;

/// How NATS is reached and used.
#[derive(Debug, Clone)]
pub struct Config {
    /// `nats://host:port` or `tls://host:port`, several for one cluster.
    pub servers: Vec<String>,
    /// User and password, unless anybody may connect.
    pub credentials: Option<(String, SecretString)>,
    /// A file with further authorities, as PEM.
    pub authorities: Option<PathBuf>,
    /// The stream, made unless it is there.
    pub stream: String,
    /// The subject of its messages. One below it, of three parts in all, names
    /// the processor to run by the last.
    pub subject: String,
    /// The subject of dead letters, in a stream of its own; the processor that
    /// failed follows after a dot.
    pub dead_subject: Option<String>,
}

/// A consumer that is kept.
#[derive(Debug)]
pub(super) struct Nats {
    shared: Arc<Shared>,
    arrived: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    _stop: DropGuard,
}

struct Shared {
    config: Config,
    pipeline: String,
    control: Handle,
    /// Made once; it connects again by itself.
    client: OnceCell<Client>,
    stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    since: SystemTime,
    /// Why nothing is consumed, if nothing is.
    idle: Option<Option<String>>,
    stopped: bool,
}

impl Nats {
    /// Connects, and goes on trying.
    pub(super) fn open(
        config: Config,
        pipeline: String,
        prefetch: u32,
        control: &Handle,
    ) -> Arc<Self> {
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            config,
            pipeline,
            control: control.clone(),
            client: OnceCell::new(),
            stop: stop.clone(),
            state: Mutex::new(State {
                since: SystemTime::now(),
                idle: Some(None),
                stopped: false,
            }),
        });
        let (arriving, arrived) = mpsc::channel(prefetch as usize);
        let taking = shared.clone().keep_taking(prefetch, arriving);
        control.spawn(stop.clone().run_until_cancelled_owned(taking));
        Arc::new(Self {
            shared,
            arrived: tokio::sync::Mutex::new(arrived),
            _stop: stop.drop_guard(),
        })
    }
}

#[async_trait]
impl Broker for Nats {
    async fn receive(&self) -> Option<Delivery> {
        let mut arrived = self.arrived.lock().await;
        let next = self.shared.stop.run_until_cancelled(arrived.recv());
        next.await.flatten()
    }

    async fn publish(&self, message: Message) -> Result<(), BrokerError> {
        self.shared.send(&message, Duration::ZERO).await
    }

    fn status(&self) -> Status {
        self.shared.status()
    }

    async fn stop(&self) {
        self.shared.stop.cancel();
        let mut arrived = self.arrived.lock().await;
        arrived.close();
        // Dropped unsettled, each goes back.
        while arrived.recv().await.is_some() {}
        self.shared.lock().stopped = true;
    }
}

impl Shared {
    /// On the control runtime, where the client's own tasks then live.
    async fn client(&self) -> Result<&Client, BrokerError> {
        let connect = async {
            let config = &self.config;
            let mut options = ConnectOptions::new()
                .name(format!("tenon/{}", self.pipeline))
                .retry_on_initial_connect();
            if let Some((user, password)) = &config.credentials {
                let password = password.expose_secret().to_owned();
                options = options.user_and_password(user.clone(), password);
            }
            if let Some(file) = &config.authorities {
                options = options.add_root_certificates(file.clone());
            }
            options.connect(config.servers.as_slice()).await
        };
        self.client
            .get_or_try_init(|| connect)
            .await
            .map_err(failed)
    }

    async fn keep_taking(self: Arc<Self>, prefetch: u32, arriving: mpsc::Sender<Delivery>) {
        let room = Arc::new(Semaphore::new(prefetch as usize));
        loop {
            let ended = self.take(&room, &arriving).await;
            if let Err(error) = ended {
                tracing::warn!(pipeline = self.pipeline, "NATS: {error}");
                self.idle(Some(error.0));
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn take(
        self: &Arc<Self>,
        room: &Arc<Semaphore>,
        arriving: &mpsc::Sender<Delivery>,
    ) -> Result<(), BrokerError> {
        let context = jetstream::new(self.client().await?.clone());
        let consumer = self.consumer(&context).await?;
        loop {
            let mut places = places(room).await;
            let requested = consumer
                .fetch()
                .max_messages(places.len())
                .expires(EXPIRES)
                .messages();
            let mut messages = requested.await.map_err(failed)?;
            self.consuming();
            while let Some(message) = messages.next().await {
                let message = message.map_err(|error| BrokerError(error.to_string()))?;
                if let Some(left) = message::left(&message) {
                    // Left with the server, which counts it for nothing here.
                    _ = message.ack_with(AckKind::Nak(Some(left))).await;
                    continue;
                }
                let Some(place) = places.pop() else {
                    break;
                };
                let delivery = Pending::deliver(self, message, place);
                if arriving.send(delivery).await.is_err() {
                    return Ok(());
                }
            }
        }
    }

    async fn consumer(&self, context: &Context) -> Result<PullConsumer, BrokerError> {
        let config = &self.config;
        let kept = |name: &str, subject: &str| stream::Config {
            name: name.to_owned(),
            subjects: vec![subject.to_owned(), format!("{subject}.>")],
            ..stream::Config::default()
        };
        if let Some(subject) = &config.dead_subject {
            let name = format!("{}-dead", config.stream);
            let made = context.get_or_create_stream(kept(&name, subject));
            made.await.map_err(failed)?;
        }
        let stream = stream::Config {
            // What is acknowledged is gone.
            retention: stream::RetentionPolicy::WorkQueue,
            ..kept(&config.stream, &config.subject)
        };
        let stream = context.get_or_create_stream(stream).await.map_err(failed)?;
        let name = format!("tenon-{}", self.pipeline.replace('/', "-"));
        let durable = pull::Config {
            durable_name: Some(name.clone()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            // Each host asks for no more than it has room for; what waits until
            // it is due must not count.
            max_ack_pending: -1,
            ..pull::Config::default()
        };
        let consumer = stream.get_or_create_consumer(&name, durable).await;
        consumer.map_err(failed)
    }

    /// Returns once the stream has it for good.
    async fn send(&self, message: &Message, after: Duration) -> Result<(), BrokerError> {
        let headers = message::headers(message, after);
        let subject = self.config.subject.clone();
        self.publish(subject, headers, message).await
    }

    async fn publish(
        &self,
        subject: String,
        headers: async_nats::HeaderMap,
        message: &Message,
    ) -> Result<(), BrokerError> {
        let client = self.client.get();
        let client = client.ok_or_else(|| BrokerError("there is no connection".to_owned()))?;
        let context = jetstream::new(client.clone());
        let sent = context.publish_with_headers(subject, headers, message.body.clone());
        let stored = sent.await.map_err(failed)?;
        stored.await.map(drop).map_err(failed)
    }

    fn status(&self) -> Status {
        let state = self.lock();
        let connected = self
            .client
            .get()
            .is_some_and(|client| client.connection_state() == ConnectionState::Connected);
        let connecting = |error| Status::Connecting {
            since: state.since,
            error,
        };
        match &state.idle {
            _ if state.stopped => Status::Stopped,
            Some(error) => connecting(error.clone()),
            None if !connected => connecting(Some("the connection is lost".to_owned())),
            None => Status::Consuming,
        }
    }

    fn idle(&self, why: Option<String>) {
        let mut state = self.lock();
        if state.idle.is_none() {
            state.since = SystemTime::now();
        }
        state.idle = Some(why);
    }

    fn consuming(&self) {
        self.lock().idle = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for at least one message.
async fn places(room: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let first = room.clone().acquire_owned().await;
    // The semaphore is never closed.
    let mut places: Vec<_> = first.into_iter().collect();
    while places.len() < BATCH
        && let Ok(place) = room.clone().try_acquire_owned()
    {
        places.push(place);
    }
    places
}

fn failed(error: impl std::error::Error) -> BrokerError {
    BrokerError(error.to_string())
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}
