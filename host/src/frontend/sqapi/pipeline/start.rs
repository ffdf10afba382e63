//! Brings a pipeline up: its table, its processors, their tables. Nothing is
//! taken from the broker before there is somebody to work on it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Pipeline;
use crate::dispatch::ConnectorId;
use crate::frontend::sqapi::fate::Trouble;
use crate::frontend::sqapi::settings::Mode;

/// Between two tries.
const RETRY: Duration = Duration::from_secs(1);
/// Between two tries at processors that failed while others work.
const RETRY_FAILED: Duration = Duration::from_secs(10);

/// A pipeline that could not be started in time.
#[derive(Debug, thiserror::Error)]
#[error("the sqAPI pipeline `{pipeline}` cannot start: {why}")]
pub struct NotStarted {
    /// Which.
    pub pipeline: ConnectorId,
    /// The last reason.
    pub why: String,
}

impl Pipeline {
    /// Tries until it succeeds, or for as long as it may.
    pub(super) async fn start(self: &Arc<Self>) -> Result<(), NotStarted> {
        let (began, mut told) = (Instant::now(), String::new());
        while let Err(why) = self.try_start().await {
            self.health.failing(&why);
            let patience = self.settings.limits.start_timeout;
            if self.settings.must_start && began.elapsed() >= patience {
                let pipeline = self.settings.id.clone();
                return Err(NotStarted { pipeline, why });
            }
            if told != why {
                tracing::warn!(pipeline = %self.settings.id, "not started: {why}");
                told = why;
            }
            tokio::time::sleep(RETRY).await;
        }
        self.health.working();
        tracing::info!(pipeline = %self.settings.id, "started");
        if self.processors.iter().any(|it| it.started().is_none()) {
            let pipeline = self.clone();
            let rest = async move { pipeline.start_the_rest().await };
            tokio::spawn(self.stop.clone().run_until_cancelled_owned(rest));
        }
        Ok(())
    }

    async fn try_start(&self) -> Result<(), String> {
        let loads = self.settings.mode != Mode::Api;
        if loads {
            let database = self.states.initialize().await;
            database.map_err(|trouble| format!("database: {}", trouble.info))?;
        }
        self.start_processors().await;
        if loads && self.processors.iter().all(|it| it.started().is_none()) {
            // Else every message would be done, and nothing have been done to it.
            return Err(format!("no processor: {}", self.health.why_failed()));
        }
        Ok(())
    }

    async fn start_the_rest(&self) {
        while self.processors.iter().any(|it| it.started().is_none()) {
            tokio::time::sleep(RETRY_FAILED).await;
            self.start_processors().await;
        }
    }

    async fn start_processors(&self) {
        let waiting = self.processors.iter();
        for processor in waiting.filter(|processor| processor.started().is_none()) {
            self.start_one(processor).await;
        }
    }

    /// A connector runs another version, which may take and offer something
    /// else.
    pub async fn restarted(&self, connector: &ConnectorId) {
        let all = self.processors.iter();
        for processor in all.filter(|processor| processor.connector() == connector) {
            self.start_one(processor).await;
        }
    }

    async fn start_one(&self, processor: &super::Processor) {
        let _one = self.starting.lock().await;
        let api = self.settings.mode == Mode::Api;
        let started = processor.start(&self.dispatcher, api).await;
        let failed = started.err().map(|trouble: Trouble| trouble.info);
        if let Some(why) = &failed {
            let processor = processor.name();
            tracing::warn!(pipeline = %self.settings.id, processor, "not started: {why}");
        }
        self.health.processor(processor.name(), failed);
    }
}
