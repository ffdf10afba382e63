//! What is done with one message, from its fields to its verdict.
//!
//! Nothing here is acknowledged: the caller settles the verdict, which is made
//! only once the message's final state is stored.

use std::time::Instant;

use futures::future::join_all;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{PAUSE, Pipeline};
use crate::dispatch::message_log::Entry;
use crate::dispatch::processor::{self, Execute};
use crate::dispatch::{Call, ConnectorId};
use crate::frontend::sqapi::broker::{self, Verdict};
use crate::frontend::sqapi::fate::Trouble;
use crate::frontend::sqapi::message::{self, Message};
use crate::frontend::sqapi::outcome::{Results, Sum, Unfinished};
use crate::frontend::sqapi::query::Query;
use crate::frontend::sqapi::states::State;

/// Why work on a message came to a stop before its end.
enum Stopped {
    /// Its state cannot be stored; that is no fault of its own.
    Untold(Trouble),
    /// It failed before any processor saw it.
    Failed(Trouble),
}

/// A message on its way, and what names its calls.
pub(super) struct Job<'a> {
    pub(super) message: Message,
    pub(super) sent: &'a broker::Message,
    request_id: String,
}

impl Job<'_> {
    fn call(&self, connector: ConnectorId) -> Call {
        Call::of_host(connector, self.request_id.clone())
    }

    pub(super) fn entry(
        &self,
        state: State,
        info: Option<String>,
        results: Option<String>,
    ) -> Entry {
        let message = &self.message;
        Entry {
            uuid: message.uuid.clone(),
            meta_location: message.meta_location.clone(),
            data_location: message.data_location.clone(),
            data_type: Some(message.media_type.clone()).filter(|it| !it.is_empty()),
            status: state.name().to_owned(),
            info,
            results,
        }
    }
}

impl Pipeline {
    /// Works on a message, and says what becomes of it.
    pub(super) async fn work(&self, sent: &broker::Message) -> Verdict {
        let began = Instant::now();
        let request_id = Uuid::now_v7().to_string();
        let span = tracing::info_span!(
            "message",
            pipeline = %self.settings.id,
            request_id,
            uuid = tracing::field::Empty,
            attempt = sent.attempt,
        );
        let judged = self.judge(sent, request_id).instrument(span).await;
        let (verdict, state) = judged.unwrap_or_else(|trouble| {
            tracing::warn!(pipeline = %self.settings.id, "a state cannot be stored: {}", trouble.info);
            self.health.pause(&trouble.info, PAUSE);
            (Verdict::Requeue { after: PAUSE }, None)
        });
        let state = state.map_or("REQUEUED", State::name);
        self.metrics.ended(state, began.elapsed());
        verdict
    }

    /// An error is one of storing states.
    async fn judge(
        &self,
        sent: &broker::Message,
        request_id: String,
    ) -> Result<(Verdict, Option<State>), Trouble> {
        let bytes_max = self.settings.limits.message_bytes;
        let read = match sent.body.len() as u64 > bytes_max {
            true => Err(message::Unreadable::too_large(bytes_max)),
            false => message::read(&self.settings.parsing, &sent.body),
        };
        let (verdict, state) = match read {
            Err(unreadable) => self.refuse(sent, unreadable).await?,
            Ok(message) => {
                tracing::Span::current().record("uuid", message.uuid.as_str());
                let job = Job {
                    message,
                    sent,
                    request_id,
                };
                self.see_through(job).await?
            }
        };
        Ok((verdict, Some(state)))
    }

    async fn see_through(&self, mut job: Job<'_>) -> Result<(Verdict, State), Trouble> {
        let only = job.sent.only.as_deref();
        let is_typed = !job.message.media_type.is_empty() || !self.settings.mime.guess;
        if is_typed && self.takers(&job.message.media_type, only).next().is_none() {
            return self.pass_over(&job).await;
        }
        let mut results = Results::default();
        if job.sent.attempt > 0 || only.is_some() {
            let known = self.states.get(&job.message.uuid).await?;
            results = Results::read(known.as_ref().and_then(|it| it.results.as_deref()));
        }
        match self.process(&mut job, &mut results).await {
            Ok(Some(Sum::Done)) => {
                // Where one processor was named, others may have failed before.
                let failed = results.failed();
                let state = failed.as_ref().map_or(State::Done, |_| State::Failed);
                let done = job.entry(state, failed, results.text());
                self.states.store(done).await?;
                Ok((Verdict::Done, state))
            }
            Ok(Some(Sum::Unfinished(unfinished))) => self.end(&job, unfinished, &results).await,
            Ok(None) => self.pass_over(&job).await,
            Err(Stopped::Untold(trouble)) => Err(trouble),
            Err(Stopped::Failed(trouble)) => {
                let unfinished = Unfinished::before_processors(trouble);
                self.end(&job, unfinished, &results).await
            }
        }
    }

    /// `None` where nobody takes what it turned out to be.
    async fn process(
        &self,
        job: &mut Job<'_>,
        results: &mut Results,
    ) -> Result<Option<Sum>, Stopped> {
        let querying = job.entry(State::Querying, None, results.text());
        self.states.store(querying).await.map_err(Stopped::Untold)?;
        let query = Query {
            dispatcher: &self.dispatcher,
            settings: &self.settings,
            room: &self.room,
        };
        let found = query
            .run(&job.message, |connector| job.call(connector))
            .await;
        let found = found.map_err(Stopped::Failed)?;
        job.message.media_type = found.media_type;
        let processing = job.entry(State::Processing, None, results.text());
        self.states
            .store(processing)
            .await
            .map_err(Stopped::Untold)?;

        let (job, message) = (&*job, &job.message);
        let only = job.sent.only.as_deref();
        let mut takers = self.takers(&message.media_type, only).peekable();
        if takers.peek().is_none() {
            return Ok(None);
        }
        let execute = Execute {
            message: processor::Message {
                uuid: message.uuid.clone(),
                media_type: message.media_type.clone(),
                data_location: message.data_location.clone().unwrap_or_default(),
                meta_location: message.meta_location.clone(),
                hash_digest: found.object.digest.to_string(),
                body: message.body.to_string(),
            },
            metadata: found.metadata,
            data: found.object.blob.clone(),
        };
        let is_done = |name| only.is_none() && results.is_done(name);
        let waiting = takers.filter(|processor| !is_done(processor.name()));
        let running = waiting.map(async |processor| {
            let call = |connector| job.call(connector);
            let ended = processor.execute(&self.dispatcher, call, execute.clone());
            (processor.name().to_owned(), ended.await)
        });
        let ended = join_all(running).await;
        Ok(Some(results.note(ended)))
    }
}
