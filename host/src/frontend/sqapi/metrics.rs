//! Figures of pipelines.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
};

use crate::dispatch::ConnectorId;
use crate::telemetry::metrics::{Metrics, SECONDS_BUCKETS};

const PIPELINE: &str = "pipeline";

/// The families. Clones share them.
#[derive(Debug, Clone)]
pub struct Families {
    messages: IntCounterVec,
    seconds: HistogramVec,
    active: IntGaugeVec,
    consuming: IntGaugeVec,
}

/// One pipeline's series.
#[derive(Debug, Clone)]
pub struct ForPipeline {
    pipeline: String,
    messages: IntCounterVec,
    seconds: Histogram,
    active: IntGauge,
    consuming: IntGauge,
}

/// A message at work, until dropped.
#[derive(Debug)]
pub(super) struct Active(IntGauge);

impl Families {
    /// Registers them, for operators to see.
    ///
    /// # Errors
    ///
    /// A name that is taken.
    pub fn new(metrics: &Metrics) -> prometheus::Result<Self> {
        let messages = Opts::new(
            "tenon_sqapi_messages_total",
            "Messages by the state they were left in; REQUEUED where none could be stored.",
        );
        let seconds = HistogramOpts::new(
            "tenon_sqapi_message_seconds",
            "From a message's delivery to its verdict.",
        )
        .buckets(SECONDS_BUCKETS.to_vec());
        let active = Opts::new("tenon_sqapi_messages_active", "Messages at work.");
        let consuming = Opts::new(
            "tenon_sqapi_consuming",
            "Whether the broker is connected and messages are taken.",
        );
        let families = Self {
            messages: IntCounterVec::new(messages, &[PIPELINE, "status"])?,
            seconds: HistogramVec::new(seconds, &[PIPELINE])?,
            active: IntGaugeVec::new(active, &[PIPELINE])?,
            consuming: IntGaugeVec::new(consuming, &[PIPELINE])?,
        };
        metrics.register_for_operators(families.messages.clone())?;
        metrics.register_for_operators(families.seconds.clone())?;
        metrics.register_for_operators(families.active.clone())?;
        metrics.register_for_operators(families.consuming.clone())?;
        Ok(families)
    }

    /// The series of one pipeline, the same over reloads.
    pub fn of(&self, pipeline: &ConnectorId) -> ForPipeline {
        let pipeline = pipeline.to_string();
        let labels = [pipeline.as_str()];
        ForPipeline {
            messages: self.messages.clone(),
            seconds: self.seconds.with_label_values(&labels),
            active: self.active.with_label_values(&labels),
            consuming: self.consuming.with_label_values(&labels),
            pipeline,
        }
    }
}

impl ForPipeline {
    pub(super) fn started(&self) -> Active {
        self.active.inc();
        Active(self.active.clone())
    }

    pub(super) fn ended(&self, state: &str, took: Duration) {
        let labels = [self.pipeline.as_str(), state];
        self.messages.with_label_values(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn consuming(&self, consuming: bool) {
        self.consuming.set(consuming.into());
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}
