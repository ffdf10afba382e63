//! Settles one delivery: what is to become of the message is at the server for
//! good before the delivery is acknowledged.
//!
//! What the server refuses is asked for again for as long as the message is
//! this host's. Given back, it would be worked on once more and then be
//! refused just the same.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Acker, Channel};

use super::{REFUSED, Shared};
use crate::frontend::sqapi::broker::{BrokerError, Death, Delivery, Message, Settlement, Verdict};

/// What is told where a message cannot be sent again, or given up.
const AGAIN: &str = "messages for another try";
const DEAD: &str = "dead letters";

/// A message that the server waits to hear of.
#[derive(Debug)]
pub(super) struct Unacknowledged {
    pub(super) shared: Arc<Shared>,
    pub(super) message: Message,
    pub(super) acker: Acker,
    /// Closed with the last of those that came by it: the server would take
    /// what is unacknowledged there for lost.
    pub(super) _channel: Channel,
}

impl Unacknowledged {
    async fn again(&self, after: Duration, attempt: u32) -> Result<(), BrokerError> {
        let message = Message {
            attempt,
            ..self.message.clone()
        };
        loop {
            let sent = self.shared.send_again(&message, after).await;
            match self.shared.heard(AGAIN, sent, self.acker.usable()).await? {
                true => return Ok(()),
                false => continue,
            }
        }
    }
}

impl Shared {
    async fn send_again(&self, message: &Message, after: Duration) -> Result<(), BrokerError> {
        match &self.waiting {
            Some(waiting) => waiting.put(message, after).await,
            None => self.publisher()?.publish_later(message, after).await,
        }
    }

    /// Sends a dead letter for each processor that failed.
    async fn bury(
        &self,
        message: &Message,
        death: &Death,
        is_ours: impl Fn() -> bool + Send,
    ) -> Result<(), BrokerError> {
        let Some(dead) = &self.config.dead_letters else {
            return Ok(());
        };
        for failed in death.letters() {
            loop {
                let sent = match self.publisher() {
                    Ok(publisher) => publisher.bury(message, death, failed, dead).await,
                    Err(error) => Err(error),
                };
                if self.heard(DEAD, sent, is_ours()).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tells what became of something that was sent, and whether it got there.
    /// Otherwise it is time for another try, if the message is still this
    /// host's.
    async fn heard(
        &self,
        what: &'static str,
        sent: Result<(), BrokerError>,
        is_ours: bool,
    ) -> Result<bool, BrokerError> {
        match sent {
            Ok(()) => {
                self.sending(what, None);
                Ok(true)
            }
            Err(error) if is_ours => {
                tracing::warn!(pipeline = self.pipeline, "{what} are not taken: {error}");
                self.sending(what, Some(error.0));
                tokio::time::sleep(REFUSED).await;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Settlement for Unacknowledged {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BrokerError> {
        let attempt = self.message.attempt;
        match verdict {
            Verdict::Done => {}
            Verdict::Retry { after } => self.again(after, attempt.saturating_add(1)).await?,
            Verdict::Requeue { after } if after.is_zero() => {
                let nacked = self.acker.nack(requeue()).await;
                return nacked.map_err(failed).and_then(known);
            }
            Verdict::Requeue { after } => self.again(after, attempt).await?,
            Verdict::Dead(death) => {
                let is_ours = || self.acker.usable();
                self.shared.bury(&self.message, &death, is_ours).await?;
            }
        }
        let acknowledged = self.acker.ack(BasicAckOptions::default()).await;
        acknowledged.map_err(failed).and_then(known)
    }

    fn give_back(self: Box<Self>) {
        let control = self.shared.control.clone();
        control.spawn(async move {
            // Where the connection is gone, the server has it back already.
            _ = self.acker.nack(requeue()).await;
        });
    }
}

/// A message that has waited in the host's own database. Its dead letters go
/// where those of all others go.
#[derive(Debug)]
pub(super) struct Waited {
    pub(super) shared: Arc<Shared>,
    pub(super) delivery: Delivery,
}

#[async_trait]
impl Settlement for Waited {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BrokerError> {
        if let Verdict::Dead(death) = &verdict {
            let message = &self.delivery.message;
            self.shared.bury(message, death, || true).await?;
        }
        self.delivery.settle(verdict).await
    }

    fn give_back(self: Box<Self>) {
        drop(self.delivery);
    }
}

fn requeue() -> BasicNackOptions {
    BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    }
}

/// False where its channel is gone, and the server delivers it again.
fn known(known: bool) -> Result<(), BrokerError> {
    match known {
        true => Ok(()),
        false => Err(BrokerError("the delivery's channel is gone".to_owned())),
    }
}

fn failed(error: lapin::Error) -> BrokerError {
    BrokerError(error.to_string())
}
