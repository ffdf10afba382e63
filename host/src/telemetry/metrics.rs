//! Counters of calls, in Prometheus's text format.
//!
//! Every series carries the connector's id, so that a connector's own
//! listener can show its part and the admin listener the whole.

mod connector;

pub use connector::{Active, ForConnector, OfCanary};

use prometheus::core::Collector;
use prometheus::proto::{LabelPair, MetricFamily};
use prometheus::{
    CounterVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// The label every series of a connector carries.
pub const CONNECTOR: &str = "connector";

/// Seconds: from a call that only looks something up to a large transfer.
pub const SECONDS_BUCKETS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0, 600.0,
];

/// The registry, and the families that dispatch fills.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// What is on no connector's own page.
    operators: Registry,
    calls: IntCounterVec,
    seconds: HistogramVec,
    cpu: CounterVec,
    active: IntGaugeVec,
    bytes: IntCounterVec,
    sandboxes: IntCounterVec,
    canary_calls: IntCounterVec,
    canary_failures: IntCounterVec,
}

impl Metrics {
    /// A registry with the process's own figures and the families of calls.
    ///
    /// # Errors
    ///
    /// A name that is malformed or taken twice.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let process = prometheus::process_collector::ProcessCollector::for_self();
        registry.register(Box::new(process))?;
        let calls = Opts::new("tenon_calls_total", "Calls that ended or were refused.");
        let seconds =
            HistogramOpts::new("tenon_call_seconds", "From admission to the end of a call.")
                .buckets(SECONDS_BUCKETS.to_vec());
        let cpu = Opts::new(
            "tenon_call_cpu_seconds_total",
            "Time of plugins on a processor, to the tick of the engine.",
        );
        let active = Opts::new("tenon_calls_active", "Calls in progress.");
        let bytes = Opts::new(
            "tenon_transferred_bytes_total",
            "Bytes of files and other contents that crossed between caller and plugin.",
        );
        let sandboxes = Opts::new("tenon_sandboxes_total", "Sandboxes that served a call.");
        let canary_calls = Opts::new(
            "tenon_canary_calls_total",
            "Calls by which a candidate is compared with the active version.",
        );
        let canary_failures = Opts::new(
            "tenon_canary_failures_total",
            "Those that failed by the fault of plugin, host or the system behind.",
        );
        let operation = [CONNECTOR, "operation"];
        let version = [CONNECTOR, "version"];
        let metrics = Self {
            calls: IntCounterVec::new(calls, &[CONNECTOR, "operation", "outcome"])?,
            seconds: HistogramVec::new(seconds, &operation)?,
            cpu: CounterVec::new(cpu, &operation)?,
            active: IntGaugeVec::new(active, &[CONNECTOR])?,
            bytes: IntCounterVec::new(bytes, &[CONNECTOR])?,
            sandboxes: IntCounterVec::new(sandboxes, &[CONNECTOR, "start"])?,
            canary_calls: IntCounterVec::new(canary_calls, &version)?,
            canary_failures: IntCounterVec::new(canary_failures, &version)?,
            registry,
            operators: Registry::new(),
        };
        metrics.register(metrics.calls.clone())?;
        metrics.register(metrics.seconds.clone())?;
        metrics.register(metrics.cpu.clone())?;
        metrics.register(metrics.active.clone())?;
        metrics.register(metrics.bytes.clone())?;
        metrics.register(metrics.sandboxes.clone())?;
        metrics.register(metrics.canary_calls.clone())?;
        metrics.register(metrics.canary_failures.clone())?;
        Ok(metrics)
    }

    /// Adds a family. Label its series with [`CONNECTOR`] to have them shown
    /// on that connector's own page.
    ///
    /// # Errors
    ///
    /// A name that is taken.
    pub fn register(&self, family: impl Collector + 'static) -> prometheus::Result<()> {
        self.registry.register(Box::new(family))
    }

    /// Adds a family that only operators see, on the admin listener.
    ///
    /// # Errors
    ///
    /// A name that is taken.
    pub fn register_for_operators(
        &self,
        family: impl Collector + 'static,
    ) -> prometheus::Result<()> {
        self.operators.register(Box::new(family))
    }

    /// The handles of one connector, resolved once. The same id always yields
    /// the same series, also over a reload.
    pub fn for_connector(&self, id: &str) -> ForConnector {
        ForConnector::new(self, id)
    }

    /// Every series.
    pub fn render(&self) -> String {
        let mut families = self.registry.gather();
        families.extend(self.operators.gather());
        encode(&families)
    }

    /// The series of no connector: the process's own.
    pub fn render_process(&self) -> String {
        self.render_where(|connector| connector.is_none())
    }

    /// The series of one connector. What concerns the process or another
    /// tenant is none of its callers' business.
    pub fn render_for(&self, connector: &str) -> String {
        self.render_where(|of| of == Some(connector))
    }

    fn render_where(&self, keep: impl Fn(Option<&str>) -> bool) -> String {
        let mut families = self.registry.gather();
        for family in &mut families {
            let mut series = family.take_metric();
            series.retain(|series| {
                let mut labels = series.get_label().iter();
                keep(
                    labels
                        .find(|label| label.name() == CONNECTOR)
                        .map(LabelPair::value),
                )
            });
            family.set_metric(series);
        }
        families.retain(|family| !family.get_metric().is_empty());
        encode(&families)
    }
}

fn encode(families: &[MetricFamily]) -> String {
    let mut text = String::new();
    if let Err(error) = TextEncoder::new().encode_utf8(families, &mut text) {
        tracing::error!("metrics cannot be written: {error}");
    }
    text
}

#[cfg(test)]
mod tests;
