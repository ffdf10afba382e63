//! One pipeline at work: takes messages as there is room for them, and sees
//! each to its end.

mod end;
mod start;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::broker::{Broker, Delivery, Status};
use super::health::Health;
use super::metrics::ForPipeline;
use super::processor::Processor;
use super::settings::{Mode, Settings};
use super::states::States;
use crate::dispatch::{ConnectorId, Dispatcher};
use crate::frontend::room::Room;
use crate::persistence::Persistence;

pub use start::NotStarted;

/// How long a pipeline whose stores do not answer leaves its messages alone.
/// One that is held meanwhile goes back as if it had not been tried.
const PAUSE: Duration = Duration::from_secs(2);

/// What a pipeline works with.
#[derive(Debug)]
pub struct Parts {
    /// What it is configured to do.
    pub settings: Settings,
    /// The only door to components.
    pub dispatcher: Arc<Dispatcher>,
    /// Where its messages come from; none where it serves resources alone.
    pub broker: Option<Arc<dyn Broker>>,
    /// Where failed messages are kept for operators.
    pub persistence: Persistence,
    /// Where data waits for its processors.
    pub room: Room,
    /// Where its messages are counted.
    pub metrics: ForPipeline,
}

/// A pipeline. Must be made within the Tokio runtime that it works on.
#[derive(Debug)]
pub struct Pipeline {
    pub(super) settings: Settings,
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) broker: Option<Arc<dyn Broker>>,
    pub(super) persistence: Persistence,
    pub(super) processors: Vec<Processor>,
    pub(super) states: States,
    pub(super) health: Health,
    room: Room,
    metrics: ForPipeline,
    /// Held while a processor is started: two that make one table at once, or
    /// one that does so twice, get into each other's way.
    starting: Mutex<()>,
    /// Fires when no more messages are to be taken.
    stop: CancellationToken,
    messages: TaskTracker,
}

impl Pipeline {
    /// Puts one together, without starting it.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts {
            settings,
            dispatcher,
            broker,
            persistence,
            room,
            metrics,
        } = parts;
        let processors = settings.processors.iter().cloned();
        Arc::new(Self {
            states: States::new(
                dispatcher.clone(),
                settings.database.clone(),
                settings.id.to_string(),
            ),
            processors: processors.map(Processor::new).collect(),
            health: Health::new(),
            settings,
            dispatcher,
            broker,
            persistence,
            room,
            metrics,
            starting: Mutex::default(),
            stop: CancellationToken::new(),
            messages: TaskTracker::new(),
        })
    }

    /// Works until it is stopped.
    ///
    /// # Errors
    ///
    /// [`NotStarted`] where it must have started by now.
    pub async fn run(self: Arc<Self>) -> Result<(), NotStarted> {
        let stop = self.stop.clone();
        match stop.run_until_cancelled(self.start()).await {
            None => return Ok(()),
            Some(started) => started?,
        }
        match (&self.broker, self.settings.mode) {
            (Some(broker), Mode::Both | Mode::Loader) => self.take(&**broker).await,
            _ => self.stop.cancelled().await,
        }
        Ok(())
    }

    /// Takes a message only when there is room for it: what is not taken stays
    /// with the broker, for other hosts as well.
    async fn take(self: &Arc<Self>, broker: &dyn Broker) {
        let room = Arc::new(Semaphore::new(self.settings.limits.messages as usize));
        loop {
            let next = async {
                // The semaphore is never closed.
                let permit = room.clone().acquire_owned().await;
                self.usable().await;
                (broker.receive().await, permit)
            };
            let Some((Some(delivery), permit)) = self.stop.run_until_cancelled(next).await else {
                return;
            };
            let pipeline = self.clone();
            self.messages.spawn(async move {
                pipeline.see_to(delivery).await;
                drop(permit);
            });
        }
    }

    /// Until states can be stored. Whoever takes messages before that only has
    /// to give them back.
    async fn usable(&self) {
        loop {
            self.health.over().await;
            if self.health.is_certain() {
                return;
            }
            match self.states.probe().await {
                Ok(()) => self.health.working(),
                Err(trouble) => self.health.pause(&trouble.info, PAUSE),
            }
        }
    }

    async fn see_to(&self, delivery: Delivery) {
        let _active = self.metrics.started();
        if !self.settings.process_delay.is_zero() {
            tokio::time::sleep(self.settings.process_delay).await;
        }
        let verdict = self.work(&delivery.message).await;
        if let Err(error) = delivery.settle(verdict).await {
            // It comes again; everything done so far may be done twice.
            tracing::warn!(pipeline = %self.settings.id, "a message could not be settled: {error}");
        }
    }

    /// Takes nothing more, and returns when what was taken has come to its end
    /// or `patience` is over. What is dropped then is delivered again.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.stop.cancel();
        if let Some(broker) = &self.broker {
            broker.stop().await;
        }
        self.messages.close();
        let ended = tokio::time::timeout(patience, self.messages.wait()).await;
        ended.is_ok()
    }

    /// Tells the metrics whether messages are taken.
    pub fn observe(&self) {
        let broker = self.broker.as_ref();
        let consuming = broker.is_some_and(|broker| broker.status() == Status::Consuming);
        self.metrics
            .consuming(consuming && self.health.is_certain());
    }

    /// Its tenant and name.
    pub fn id(&self) -> &ConnectorId {
        &self.settings.id
    }

    /// Those that take this media type, or the one that is named. One that has
    /// not started yet may as well, unless the configuration says otherwise.
    pub(super) fn takers<'a>(
        &'a self,
        media_type: &'a str,
        only: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Processor> {
        self.processors.iter().filter(move |processor| {
            let is_meant = only.is_none_or(|only| processor.name() == only);
            is_meant && processor.takes(media_type)
        })
    }
}
