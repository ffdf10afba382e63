//! Takes messages from one source for as long as there is a connection.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lapin::Connection;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::sync::mpsc;

use super::message;
use super::settlement::Unacknowledged;
use super::topology::Source;
use super::{REFUSED, Shared};
use crate::frontend::sqapi::broker::Delivery;

/// Before a source is consumed again that was there a moment ago.
const ENDED: Duration = Duration::from_secs(1);

impl Shared {
    /// Until the connection is lost, and why. A source that the server refuses
    /// is asked for again; others go on meanwhile.
    pub(super) async fn keep_consuming(
        self: &Arc<Self>,
        connection: &Connection,
        source: &Source,
        arriving: &mpsc::Sender<Delivery>,
    ) -> String {
        let name = source.name();
        loop {
            let ended = self.consume(connection, source, arriving).await;
            let (why, pause) = match ended {
                Ok(()) => ("the server ended it".to_owned(), ENDED),
                Err(error) => (error.to_string(), REFUSED),
            };
            if !connection.status().connected() {
                return why;
            }
            tracing::warn!(pipeline = self.pipeline, "{name} is not consumed: {why}");
            self.consuming(&name, Some(why));
            tokio::time::sleep(pause).await;
        }
    }

    async fn consume(
        self: &Arc<Self>,
        connection: &Connection,
        source: &Source,
        arriving: &mpsc::Sender<Delivery>,
    ) -> lapin::Result<()> {
        let channel = connection.create_channel().await?;
        let queue = self.config.declare(&channel, source).await?;
        let options = BasicQosOptions::default();
        channel.basic_qos(self.prefetch, options).await?;
        let tag = format!("tenon/{}/{}", self.pipeline, uuid::Uuid::new_v4());
        let mut deliveries = channel
            .basic_consume(
                queue.as_str().into(),
                tag.as_str().into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        self.consuming(&source.name(), None);
        while let Some(delivery) = deliveries.next().await {
            let delivery = delivery?;
            let message = message::of_delivery(&delivery, &queue, &self.config.queue);
            let settlement = Unacknowledged {
                shared: self.clone(),
                message: message.clone(),
                acker: delivery.acker,
                _channel: channel.clone(),
            };
            let delivery = Delivery::new(message, Box::new(settlement));
            if arriving.send(delivery).await.is_err() {
                // Nobody takes any more.
                return Ok(());
            }
        }
        Ok(())
    }
}
