//! Settles one delivery: what is to become of the message is in a stream
//! before the delivery is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, AckKind};
use async_trait::async_trait;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::AbortOnDropHandle;

use super::{ACK_WAIT, Shared, failed, message};
use crate::frontend::sqapi::broker::{BrokerError, Delivery, Message, Settlement, Verdict};

/// A message that the server waits to hear of.
#[derive(Debug)]
pub(super) struct Pending {
    shared: Arc<Shared>,
    message: Message,
    delivered: Arc<jetstream::Message>,
    _place: OwnedSemaphorePermit,
    /// Tells the server that it is still worked on.
    _alive: AbortOnDropHandle<()>,
}

impl Pending {
    pub(super) fn deliver(
        shared: &Arc<Shared>,
        delivered: jetstream::Message,
        place: OwnedSemaphorePermit,
    ) -> Delivery {
        let message = message::read(&delivered, &shared.config.stream);
        let delivered = Arc::new(delivered);
        let alive = shared.control.spawn(keep_alive(delivered.clone()));
        let pending = Self {
            shared: shared.clone(),
            message: message.clone(),
            delivered,
            _place: place,
            _alive: AbortOnDropHandle::new(alive),
        };
        Delivery::new(message, Box::new(pending))
    }

    async fn again(&self, after: Duration, attempt: u32) -> Result<(), BrokerError> {
        let message = Message {
            attempt,
            ..self.message.clone()
        };
        self.shared.send(&message, after).await
    }
}

async fn keep_alive(delivered: Arc<jetstream::Message>) {
    loop {
        tokio::time::sleep(ACK_WAIT / 3).await;
        _ = delivered.ack_with(AckKind::Progress).await;
    }
}

#[async_trait]
impl Settlement for Pending {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BrokerError> {
        let attempt = self.message.attempt;
        match verdict {
            Verdict::Done => {}
            Verdict::Retry { after } => self.again(after, attempt.saturating_add(1)).await?,
            Verdict::Requeue { after } => self.again(after, attempt).await?,
            Verdict::Dead(death) => {
                if let Some(base) = &self.shared.config.dead_subject {
                    for failed in death.letters() {
                        let subject = match failed {
                            Some(failed) => format!("{base}.{}", failed.plugin),
                            None => base.clone(),
                        };
                        let headers = message::dead_headers(&self.message, &death, failed);
                        self.shared.publish(subject, headers, &self.message).await?;
                    }
                }
            }
        }
        // Answered by the server, so that a lost one is known.
        let acknowledged = self.delivered.double_ack().await;
        acknowledged.map_err(|error| failed(&*error))
    }

    fn give_back(self: Box<Self>) {
        let control = self.shared.control.clone();
        control.spawn(async move {
            _ = self.delivered.ack_with(AckKind::Nak(None)).await;
        });
    }
}
