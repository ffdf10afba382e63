//! Settles one delivery: what is to become of the message is at the server for
//! good before the delivery is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicNackOptions};

use super::Shared;
use crate::frontend::sqapi::broker::{BrokerError, Message, Settlement, Verdict};

/// A message that the server waits to hear of.
#[derive(Debug)]
pub(super) struct Unacknowledged {
    pub(super) shared: Arc<Shared>,
    pub(super) message: Message,
    pub(super) acker: Acker,
}

impl Unacknowledged {
    async fn again(&self, after: Duration, attempt: u32) -> Result<(), BrokerError> {
        let message = Message {
            attempt,
            ..self.message.clone()
        };
        match &self.shared.waiting {
            Some(waiting) => waiting.put(&message, after).await,
            None => {
                self.shared
                    .publisher()?
                    .publish_later(&message, after)
                    .await
            }
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
                if let Some(dead) = &self.shared.config.dead_letters {
                    let publisher = self.shared.publisher()?;
                    publisher.bury(&self.message, &death, dead).await?;
                }
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
