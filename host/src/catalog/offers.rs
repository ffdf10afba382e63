//! What plugin files and configurations offer to connectors.
//!
//! A file that changes while the host runs is taken up. At start only what was
//! never offered before is, so that a restart does not undo what an operator
//! did since the file was put there.

use std::sync::Arc;

use futures::{StreamExt as _, stream};

use super::activation::Step;
use super::intake::{Known, Origin};
use super::slot::Slot;
use super::{Actor, Catalog, Options, Refusal, Source};
use crate::digest::Digest;
use crate::persistence::How;

/// Offers considered at one time. Most wait for the system behind their
/// connector to answer.
const AT_ONCE: usize = 8;

/// What connectors are offered, to be taken up with [`Catalog::take_offers`].
#[derive(Debug, Default)]
pub struct Offers(Vec<(Arc<Slot>, Source, Standing)>);

/// How a connector stands to the configuration before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was not there.
    New,
    /// It was configured otherwise.
    Changed,
    /// It is what it was.
    Same,
}

impl Offers {
    pub(super) fn add(&mut self, slot: &Arc<Slot>, source: Source, standing: Standing) {
        self.0.push((slot.clone(), source, standing));
    }
}

impl Catalog {
    /// Activates what is offered and was not before. What is refused stays
    /// refused until something changes; the reasons are logged and stored.
    pub async fn take_offers(&self, offers: Offers) {
        stream::iter(offers.0)
            .for_each_concurrent(AT_ONCE, |(slot, source, standing)| async move {
                if let Err(error) = self.take_offer(&slot, source, standing).await {
                    let connector = slot.configured.id.to_string();
                    tracing::error!(connector, "not activated: {error}");
                }
            })
            .await;
    }

    async fn take_offer(
        &self,
        slot: &Slot,
        source: Source,
        standing: Standing,
    ) -> Result<(), Refusal> {
        let key = source.key();
        let differs = slot.see(key.clone());
        let Some(key) = key else {
            return Ok(());
        };
        let connector = slot.configured.id.to_string();
        let wanted = match standing {
            Standing::Same => differs,
            _ if slot.activation() == 0 => true,
            Standing::Changed => differs,
            Standing::New => !self.persistence.was_offered(&connector, &key).await?,
        };
        if !wanted {
            return Ok(());
        }
        let decided = self.decide(slot, source, &key).await;
        // Only now: a host that is killed meanwhile looks at it again.
        if !matches!(decided, Err(Refusal::Persistence(_) | Refusal::Stopping)) {
            self.persistence.offer(&connector, &key).await?;
        }
        decided
    }

    async fn decide(&self, slot: &Slot, source: Source, key: &Digest) -> Result<(), Refusal> {
        let by = Actor::files();
        let known = match self.offered(source, &by).await {
            Ok(known) => known,
            Err(refusal) => {
                let (id, action) = (&slot.configured.id, "activation-refused");
                return Err(self
                    .refused(action, Some(id), Some(key), refusal, &by)
                    .await);
            }
        };
        // The file may have changed again meanwhile.
        if !slot.sees(key) {
            return Ok(());
        }
        let step = Step {
            how: How::Activated,
            options: Options::default(),
        };
        self.change(slot, &known, step, &by).await.map(drop)
    }

    async fn offered(&self, source: Source, by: &Actor) -> Result<Known, Refusal> {
        match source {
            Source::Registry(reference) => self.fetch_known(&reference, by).await,
            Source::File(None) => Err(Refusal::Nothing("its plugin file is missing".to_owned())),
            Source::File(Some(offered)) => {
                let origin = Origin::unsigned(offered.path);
                self.admit(offered.bytes, &origin, by).await
            }
        }
    }
}
