//! A broker without a server: a durable queue in the host's own database,
//! which hosts that share it take from together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Broker, BrokerError, Delivery, Message, Settlement, Status, Verdict};
use crate::persistence::{Leased, Persistence};

/// How long a message stays with a host that says nothing more of it.
const LEASE: Duration = Duration::from_secs(60);
/// Well before a lease is over, with time for a database that is busy.
const RENEWAL: Duration = Duration::from_secs(15);
/// Between two looks for messages of other hosts, and for those that have
/// become due.
const POLL: Duration = Duration::from_millis(200);
/// Between two tries at a database that does not answer.
const RETRY: Duration = Duration::from_secs(1);
/// Messages taken by one statement.
const BATCH: u32 = 64;

/// A queue of one name.
#[derive(Debug)]
pub(super) struct Embedded {
    shared: Arc<Shared>,
    arrived: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    queue: String,
    persistence: Persistence,
    /// Where a message is given back that nobody waits for.
    control: Handle,
    wake: Notify,
    stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    status: Status,
    /// Messages of each lease that are not settled yet.
    leases: HashMap<String, usize>,
}

impl Embedded {
    /// Takes messages as long as there is room for them.
    pub(super) fn open(
        queue: String,
        prefetch: u32,
        persistence: Persistence,
        control: &Handle,
    ) -> Arc<Self> {
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            queue,
            persistence,
            control: control.clone(),
            wake: Notify::new(),
            stop: stop.clone(),
            state: Mutex::new(State {
                status: Status::Connecting {
                    since: SystemTime::now(),
                    error: None,
                },
                leases: HashMap::new(),
            }),
        });
        let (arriving, arrived) = mpsc::channel(prefetch as usize);
        let taking = shared.clone().take(prefetch, arriving);
        control.spawn(stop.clone().run_until_cancelled_owned(taking));
        control.spawn(shared.clone().renew());
        Arc::new(Self {
            shared,
            arrived: tokio::sync::Mutex::new(arrived),
            _stop: stop.drop_guard(),
        })
    }
}

#[async_trait]
impl Broker for Embedded {
    async fn receive(&self) -> Option<Delivery> {
        let mut arrived = self.arrived.lock().await;
        let next = self.shared.stop.run_until_cancelled(arrived.recv());
        next.await.flatten()
    }

    async fn publish(&self, message: Message) -> Result<(), BrokerError> {
        self.put(&message, Duration::ZERO).await
    }

    fn status(&self) -> Status {
        self.shared.lock().status.clone()
    }

    async fn stop(&self) {
        self.shared.stop.cancel();
        let mut arrived = self.arrived.lock().await;
        arrived.close();
        // Dropped unsettled, each goes back.
        while arrived.recv().await.is_some() {}
        self.shared.lock().status = Status::Stopped;
    }
}

impl Embedded {
    /// Keeps a message, to be delivered after a delay.
    pub(super) async fn put(&self, message: &Message, after: Duration) -> Result<(), BrokerError> {
        let shared = &self.shared;
        let letter = message.letter();
        let kept = shared.persistence.enqueue(&shared.queue, &letter, after);
        kept.await.map_err(failed)?;
        shared.wake.notify_one();
        Ok(())
    }
}

impl Shared {
    async fn take(self: Arc<Self>, prefetch: u32, arriving: mpsc::Sender<Delivery>) {
        let room = Arc::new(Semaphore::new(prefetch as usize));
        loop {
            // The semaphore is never closed.
            let Ok(first) = room.clone().acquire_owned().await else {
                return;
            };
            let mut places = vec![first];
            while places.len() < BATCH as usize
                && let Ok(place) = room.clone().try_acquire_owned()
            {
                places.push(place);
            }
            let max = u32::try_from(places.len()).unwrap_or(BATCH);
            let taken = self.persistence.lease(&self.queue, max, LEASE).await;
            let pause = match taken {
                Err(error) => {
                    self.lost(&error.to_string());
                    RETRY
                }
                Ok(taken) => {
                    self.lock().status = Status::Consuming;
                    let is_all = taken.len() < places.len();
                    for (leased, place) in taken.into_iter().zip(places) {
                        // There is room for as many as there are places.
                        _ = arriving.send(self.deliver(leased, place)).await;
                    }
                    if is_all { POLL } else { Duration::ZERO }
                }
            };
            if !pause.is_zero() {
                _ = tokio::time::timeout(pause, self.wake.notified()).await;
            }
        }
    }

    fn deliver(self: &Arc<Self>, leased: Leased, place: OwnedSemaphorePermit) -> Delivery {
        let mut state = self.lock();
        *state.leases.entry(leased.lease.clone()).or_default() += 1;
        drop(state);
        let message = leased.letter.clone().into();
        let settlement = Lease {
            shared: self.clone(),
            leased,
            _place: place,
        };
        Delivery::new(message, Box::new(settlement))
    }

    /// Keeps what is worked on, also after no more is taken.
    async fn renew(self: Arc<Self>) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            let leases: Vec<_> = self.lock().leases.keys().cloned().collect();
            if leases.is_empty() && self.stop.is_cancelled() {
                return;
            }
            for lease in leases {
                if let Err(error) = self.persistence.renew(&lease, LEASE).await {
                    tracing::warn!(queue = self.queue, "a lease is not renewed: {error}");
                }
            }
        }
    }

    fn lost(&self, error: &str) {
        let mut state = self.lock();
        let since = match &state.status {
            Status::Connecting { since, .. } => *since,
            _ => SystemTime::now(),
        };
        state.status = Status::Connecting {
            since,
            error: Some(error.to_owned()),
        };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One message that was taken.
#[derive(Debug)]
struct Lease {
    shared: Arc<Shared>,
    leased: Leased,
    _place: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(count) = state.leases.get_mut(&self.leased.lease) {
            *count -= 1;
            if *count == 0 {
                state.leases.remove(&self.leased.lease);
            }
        }
    }
}

#[async_trait]
impl Settlement for Lease {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BrokerError> {
        let (persistence, leased) = (&self.shared.persistence, &self.leased);
        let attempt = leased.letter.attempt;
        let is_ours = match verdict {
            // The pipeline keeps what has failed; dead letters have no other place here.
            Verdict::Done | Verdict::Dead(_) => persistence.dequeue(leased).await,
            Verdict::Retry { after } => {
                let counted = attempt.saturating_add(1);
                persistence.give_back(leased, after, counted).await
            }
            Verdict::Requeue { after } => persistence.give_back(leased, after, attempt).await,
        };
        match is_ours.map_err(failed)? {
            true => Ok(()),
            false => Err(BrokerError("its lease was over".to_owned())),
        }
    }

    fn give_back(self: Box<Self>) {
        let control = self.shared.control.clone();
        control.spawn(async move {
            let attempt = self.leased.letter.attempt;
            let persistence = &self.shared.persistence;
            let given = persistence.give_back(&self.leased, Duration::ZERO, attempt);
            if let Err(error) = given.await {
                // Its lease ends by itself.
                tracing::debug!("a message was not given back: {error}");
            }
        });
    }
}

fn failed(error: crate::persistence::Error) -> BrokerError {
    BrokerError(error.to_string())
}
