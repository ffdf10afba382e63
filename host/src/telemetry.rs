//! What the host tells about itself: logs, traces and metrics.
//!
//! Logs go to standard error, guests' lines among them under the target
//! `guest`; the latest of them stay in a journal for operators. Spans are exported when a collector is configured. Metrics are
//! read from the admin listener.

pub mod journal;
pub mod metrics;
pub mod trace;

use std::io::IsTerminal as _;
use std::str::FromStr;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Level;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt::writer::MakeWriterExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer as _, fmt};
use url::Url;

use self::journal::Journal;

/// The name under which traces are found.
const SERVICE: &str = "tenon";
/// Where OTLP over HTTP takes spans, below a collector's base address.
const TRACES_PATH: &str = "/v1/traces";
/// Whose spans are exported: the host's own, never those of the exporter.
const TRACED: &str = "tenon_host";

/// Settings of logs and traces.
#[derive(Debug, Clone)]
pub struct Config {
    /// What is logged.
    pub log: Filter,
    /// How a line looks.
    pub format: Format,
    /// The collector that receives spans, if any.
    pub otlp: Option<Url>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log: Filter("info".to_owned()),
            format: Format::Pretty,
            otlp: None,
        }
    }
}

/// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl FromStr for Filter {
    type Err = ParseError;

    /// Takes Python's names of levels as well, which deployments of the
    /// connectors before set. Their debug is the host's and its guests':
    /// libraries may tell more than anybody should read.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = match text {
            "DEBUG" | "NOTSET" => "info,tenon_host=debug,guest=debug",
            "WARNING" => "warn",
            "CRITICAL" | "FATAL" => "error",
            text => text,
        };
        EnvFilter::try_new(text).map(|_| Self(text.to_owned()))
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// One JSON object a line, for collectors.
    Json,
}

/// Neither `pretty` nor `json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `pretty` or `json`")]
pub struct FormatError;

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(FormatError),
        }
    }
}

/// Telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The filter is malformed.
    #[error("log filter: {0}")]
    Filter(#[from] ParseError),
    /// The exporter refuses its settings.
    #[error("OTLP exporter: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// A subscriber is in place already.
    #[error(transparent)]
    Subscriber(#[from] TryInitError),
}

/// Running telemetry. Dropping it exports what is still held back.
#[derive(Debug)]
pub struct Telemetry {
    journal: Journal,
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Installs the process's logger and, when configured, the exporter of
    /// spans.
    ///
    /// # Errors
    ///
    /// [`StartError`] when a setting is unusable or telemetry runs already.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let provider = config.otlp.as_ref().map(exporter).transpose()?;
        let traces = provider.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer(SERVICE))
                .with_filter(Targets::new().with_target(TRACED, Level::INFO))
        });
        let journal = Journal::default();
        let json = || fmt::layer().json().flatten_event(true);
        let lines = match config.format {
            Format::Pretty => fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal())
                .and_then(json().with_writer(journal.clone()))
                .boxed(),
            // The same text for both.
            Format::Json => json()
                .with_writer(std::io::stderr.and(journal.clone()))
                .boxed(),
        };
        tracing_subscriber::registry()
            .with(traces)
            .with(lines.with_filter(EnvFilter::try_new(&config.log.0)?))
            .try_init()?;
        Ok(Self { journal, provider })
    }

    /// The latest log records.
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!("the last spans were not exported: {error}");
        }
    }
}

fn exporter(collector: &Url) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(traces_endpoint(collector))
        .build()?;
    let resource = Resource::builder()
        .with_service_name(SERVICE)
        .with_attribute(opentelemetry::KeyValue::new(
            "service.version",
            env!("CARGO_PKG_VERSION"),
        ))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

fn traces_endpoint(collector: &Url) -> String {
    let base = collector.as_str().trim_end_matches('/');
    if base.ends_with(TRACES_PATH) {
        base.to_owned()
    } else {
        format!("{base}{TRACES_PATH}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_is_the_collectors_base_or_the_whole_address() {
        let check = |text: &str, expected: &str| {
            assert_eq!(traces_endpoint(&text.parse().unwrap()), expected);
        };
        check("http://otel:4318", "http://otel:4318/v1/traces");
        check("http://otel:4318/", "http://otel:4318/v1/traces");
        check("http://otel/x/v1/traces", "http://otel/x/v1/traces");
    }

    #[test]
    fn filters_are_checked_early() {
        assert!("info,guest=debug".parse::<Filter>().is_ok());
        assert!("guest=loud".parse::<Filter>().is_err());
        for (python, expected) in [
            ("DEBUG", "info,tenon_host=debug,guest=debug"),
            ("INFO", "INFO"),
            ("WARNING", "warn"),
            ("ERROR", "ERROR"),
            ("CRITICAL", "error"),
        ] {
            assert_eq!(python.parse::<Filter>().unwrap().0, expected);
        }
    }
}
