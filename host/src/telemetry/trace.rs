//! W3C Trace Context: the trace a request belongs to goes on into the calls
//! made upstream, whether or not this host exports spans of its own.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

/// The request header that carries a [`TraceParent`].
pub const HEADER: &str = "traceparent";

/// A place in a trace, in version 00 of the header's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

/// A header that is no valid `traceparent`, to be ignored as the standard
/// asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct TraceParentError;

impl TraceParent {
    /// A new trace that nobody has decided to record.
    pub fn random() -> Self {
        Self {
            trace: TraceId::from(Uuid::new_v4().as_u128()),
            span: random_span(),
            flags: TraceFlags::default(),
        }
    }

    /// Another place in the same trace.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            span: random_span(),
            ..self
        }
    }

    fn remote(self) -> SpanContext {
        SpanContext::new(self.trace, self.span, self.flags, true, TraceState::NONE)
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        let mut parts = text.trim().splitn(5, '-');
        let mut hex = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            let lower = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
            part.bytes()
                .all(lower)
                .then(|| u128::from_str_radix(part, 16).ok())?
        };
        let fields = (hex(2), hex(32), hex(16), hex(2));
        let (Some(version), Some(trace), Some(span), Some(flags)) = fields else {
            return Err(TraceParentError);
        };
        // A later version may append fields; this one may not.
        let ends = match version {
            0 => parts.next().is_none(),
            0xff => false,
            _ => true,
        };
        let (Ok(span), Ok(flags)) = (u64::try_from(span), u8::try_from(flags)) else {
            return Err(TraceParentError);
        };
        if !ends || trace == 0 || span == 0 {
            return Err(TraceParentError);
        }
        Ok(Self {
            trace: TraceId::from(trace),
            span: SpanId::from(span),
            flags: TraceFlags::new(flags) & TraceFlags::SAMPLED,
        })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace, self.span, self.flags
        )
    }
}

impl From<&SpanContext> for TraceParent {
    fn from(context: &SpanContext) -> Self {
        Self {
            trace: context.trace_id(),
            span: context.span_id(),
            flags: context.trace_flags(),
        }
    }
}

/// Makes `span` a child of the request's place in its trace, and keeps what
/// upstream requests are to carry. Call it before the span is entered.
pub fn adopt(span: &tracing::Span, incoming: Option<&str>, upstream: &OnceLock<String>) {
    let incoming = incoming.and_then(|text| text.parse::<TraceParent>().ok());
    if let Some(parent) = incoming {
        let parent = opentelemetry::Context::new().with_remote_span_context(parent.remote());
        // Fails when nothing exports spans; the trace is passed on below.
        _ = span.set_parent(parent);
    }
    let exported = span.context();
    let exported = exported.span();
    let place = if exported.span_context().is_valid() {
        TraceParent::from(exported.span_context())
    } else {
        incoming.map_or_else(TraceParent::random, TraceParent::next)
    };
    _ = upstream.set(place.to_string());
}

fn random_span() -> SpanId {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    // Version and variant bits are constant; zero would mean "no span".
    SpanId::from((high ^ low).max(1))
}

#[cfg(test)]
mod tests;
