//! The table `messages`: what becomes of each message, for everybody to see.
//!
//! A message tells its state three times, and many are on their way at once.
//! One task stores all states that wait in one statement; each message goes on
//! when its own is stored for good.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::fate::Trouble;
use crate::dispatch::message_log::{Entry, Get, Initialize, Update};
use crate::dispatch::{Call, ConnectorId, Dispatcher, Outcome};

/// States that are stored by one statement: what a burst brings, and a small
/// part of a statement's largest size.
const BATCH_MAX: usize = 256;

/// What is written in the column `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Data and metadata are being fetched.
    Querying,
    /// Processors look at it.
    Processing,
    /// Every processor is done.
    Done,
    /// It will be tried again.
    Retry,
    /// It will not.
    Failed,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Querying => "QUERYING",
            Self::Processing => "PROCESSING",
            Self::Done => "DONE",
            Self::Retry => "RETRY",
            Self::Failed => "FAILED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

type Waiting = (Entry, oneshot::Sender<Result<(), Trouble>>);

/// Where states are stored. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct States {
    table: Arc<Table>,
    waiting: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Table {
    dispatcher: Arc<Dispatcher>,
    database: ConnectorId,
    pipeline: String,
}

impl States {
    /// Stores by a connector that plays `message-log`. Must be called within a
    /// Tokio runtime.
    pub(super) fn new(
        dispatcher: Arc<Dispatcher>,
        database: ConnectorId,
        pipeline: String,
    ) -> Self {
        let table = Arc::new(Table {
            dispatcher,
            database,
            pipeline,
        });
        let (waiting, queue) = mpsc::channel(BATCH_MAX);
        tokio::spawn(table.clone().keep_storing(queue));
        Self { table, waiting }
    }

    /// Makes the table, unless it is there.
    pub(super) async fn initialize(&self) -> Result<(), Trouble> {
        let call = self.table.call("start");
        Ok(self.table.dispatcher.call(call, Initialize).await?)
    }

    /// What is known of a message.
    pub(super) async fn get(&self, uuid: &str) -> Result<Option<Entry>, Trouble> {
        let call = self.table.call(uuid);
        let uuid = uuid.to_owned();
        Ok(self.table.dispatcher.call(call, Get { uuid }).await?)
    }

    /// Whether the table answers.
    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        self.get("").await.map(drop)
    }

    /// Returns once the state is stored.
    pub(super) async fn store(&self, entry: Entry) -> Result<(), Trouble> {
        let (stored, when_stored) = oneshot::channel();
        let lost = || Trouble::new(Outcome::Cancelled, "the host is stopping");
        let sent = self.waiting.send((entry, stored)).await;
        sent.map_err(|_| lost())?;
        when_stored.await.map_err(|_| lost())?
    }
}

impl Table {
    async fn keep_storing(self: Arc<Self>, mut queue: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while queue.recv_many(&mut batch, BATCH_MAX).await > 0 {
            self.store_all(batch.split_off(0)).await;
        }
    }

    async fn store_all(&self, batch: Vec<Waiting>) {
        let (entries, stored): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match self.update(entries.clone()).await {
            // The fault of one of them; the others need not suffer from it.
            Err(trouble) if entries.len() > 1 && is_of_one(trouble.outcome) => {
                for (entry, stored) in entries.into_iter().zip(stored) {
                    _ = stored.send(self.update(vec![entry]).await);
                }
            }
            result => {
                for stored in stored {
                    // Who waited may be gone.
                    _ = stored.send(result.clone());
                }
            }
        }
    }

    async fn update(&self, entries: Vec<Entry>) -> Result<(), Trouble> {
        let call = self.call(&self.pipeline);
        Ok(self.dispatcher.call(call, Update { entries }).await?)
    }

    fn call(&self, request_id: &str) -> Call {
        Call::of_host(self.database.clone(), request_id)
    }
}

const fn is_of_one(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Invalid | Outcome::Conflict | Outcome::Internal
    )
}
