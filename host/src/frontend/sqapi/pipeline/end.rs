//! How a message ends that was not done: tried again, given up, passed over,
//! refused. Its state is stored first, then its verdict is made.

use std::time::{Duration, SystemTime};

use super::work::Job;
use super::{PAUSE, Pipeline};
use crate::dispatch::Outcome;
use crate::dispatch::message_log::Entry;
use crate::frontend::sqapi::broker::{self, Death, Failed, Verdict};
use crate::frontend::sqapi::fate::{Fate, Trouble};
use crate::frontend::sqapi::message::Unreadable;
use crate::frontend::sqapi::outcome::{Results, Unfinished, cut};
use crate::frontend::sqapi::states::State;
use crate::persistence::NewFailure;

/// Longest that a plugin's own delay may hold a message up: a system that asks
/// for more may have meant something else, and a hostile plugin would keep the
/// message for good.
const AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Pipeline {
    /// What could not be finished is tried again, or given up.
    pub(super) async fn end(
        &self,
        job: &Job<'_>,
        unfinished: Unfinished,
        results: &Results,
    ) -> Result<(Verdict, State), Trouble> {
        let delays = &self.settings.retry.delays;
        let delay = delays.get(job.sent.attempt as usize).copied();
        let asked = unfinished.after.unwrap_or_default().min(AFTER_MAX);
        let again = |after: Duration| after.max(asked);
        let info = Some(unfinished.info.clone());
        let verdict = match (unfinished.fate, delay) {
            (Fate::Again, Some(delay)) => Verdict::Retry {
                after: again(delay),
            },
            (Fate::Later, _) => Verdict::Requeue {
                after: again(PAUSE),
            },
            (Fate::Again, None) | (Fate::Final, _) => {
                let failed = job.entry(State::Failed, info, results.text());
                self.states.store(failed).await?;
                let death = death(unfinished);
                self.bury(job.sent, Some(&job.message.uuid), &death).await?;
                return Ok((Verdict::Dead(death), State::Failed));
            }
        };
        let retry = job.entry(State::Retry, info, results.text());
        self.states.store(retry).await?;
        Ok((verdict, State::Retry))
    }

    /// Nobody here takes it; other pipelines may. It leaves a row, so that it
    /// can be found, and no dead letter. Where one processor was named, nobody
    /// else will take it, and the row is of those that did.
    pub(super) async fn pass_over(&self, job: &Job<'_>) -> Result<(Verdict, State), Trouble> {
        let media_type = &job.message.media_type;
        let Some(only) = &job.sent.only else {
            let info = cut(format!("no processor takes the data type \"{media_type}\""));
            let failed = job.entry(State::Failed, Some(info), None);
            self.states.store(failed).await?;
            return Ok((Verdict::Done, State::Failed));
        };
        let reason = format!("no processor \"{only}\" takes the data type \"{media_type}\"");
        let (reason, kind) = (cut(reason), Outcome::Unsupported.name());
        let failed = Failed {
            plugin: only.clone(),
            kind,
            reason: reason.clone(),
        };
        let death = Death {
            reason,
            kind,
            failed: vec![failed],
            at: SystemTime::now(),
        };
        self.bury(job.sent, Some(&job.message.uuid), &death).await?;
        Ok((Verdict::Dead(death), State::Failed))
    }

    /// It cannot be read: a row where it says what it is about, and a dead
    /// letter in any case.
    pub(super) async fn refuse(
        &self,
        sent: &broker::Message,
        unreadable: Unreadable,
    ) -> Result<(Verdict, State), Trouble> {
        let reason = cut(unreadable.reason);
        tracing::info!(uuid = unreadable.uuid, "message refused: {reason}");
        if let Some(uuid) = unreadable.uuid.clone() {
            let entry = Entry {
                uuid,
                meta_location: None,
                data_location: None,
                data_type: None,
                status: State::Failed.name().to_owned(),
                info: Some(reason.clone()),
                results: None,
            };
            self.states.store(entry).await?;
        }
        let death = Death {
            reason,
            kind: Outcome::Invalid.name(),
            failed: Vec::new(),
            at: SystemTime::now(),
        };
        self.bury(sent, unreadable.uuid.as_deref(), &death).await?;
        Ok((Verdict::Dead(death), State::Failed))
    }

    /// Keeps a message that was given up for operators to look into and send
    /// again.
    async fn bury(
        &self,
        sent: &broker::Message,
        uuid: Option<&str>,
        death: &Death,
    ) -> Result<(), Trouble> {
        let pipeline = self.settings.id.to_string();
        let plugins: Vec<_> = death.failed.iter().map(|it| it.plugin.clone()).collect();
        let failure = NewFailure {
            pipeline: &pipeline,
            uuid,
            letter: sent.letter(),
            kind: death.kind,
            reason: &death.reason,
            plugins: &plugins,
        };
        let kept = self.persistence.keep_failure(failure).await;
        kept.map_err(|error| {
            Trouble::new(
                Outcome::Unavailable,
                format!("the host's database: {error}"),
            )
        })
    }
}

fn death(unfinished: Unfinished) -> Death {
    Death {
        reason: unfinished.info,
        kind: unfinished.kind,
        failed: unfinished.failed,
        at: SystemTime::now(),
    }
}
