use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const INCOMING: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn adopted(incoming: Option<&str>) -> String {
    let span = tracing::info_span!("call");
    let upstream = OnceLock::new();
    adopt(&span, incoming, &upstream);
    upstream.get().unwrap().clone()
}

#[test]
fn reads_and_writes_the_header() {
    let parsed: TraceParent = INCOMING.parse().unwrap();
    assert_eq!(parsed.to_string(), INCOMING);
    let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what";
    assert_eq!(later.parse(), Ok(parsed));
}

#[test]
fn refuses_malformed_headers() {
    for text in [
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ] {
        assert_eq!(text.parse::<TraceParent>(), Err(TraceParentError), "{text}");
    }
}

#[test]
fn passes_the_trace_on_without_an_exporter() {
    let upstream = adopted(Some(INCOMING));
    assert!(upstream.starts_with(&format!("00-{TRACE}-")), "{upstream}");
    assert!(upstream.ends_with("-01"), "{upstream}");
    assert_ne!(upstream, INCOMING);
    assert_ne!(adopted(None), adopted(Some("nonsense")));
}

#[test]
fn names_the_exported_span_as_parent() {
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let upstream: TraceParent = adopted(Some(INCOMING)).parse().unwrap();
        assert_eq!(upstream.trace.to_string(), TRACE);
        let span = tracing::info_span!("other");
        assert_ne!(
            TraceParent::from(span.context().span().span_context()).trace,
            upstream.trace
        );
    });
}
