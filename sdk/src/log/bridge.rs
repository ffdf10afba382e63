//! Lets libraries that speak `tracing` be heard. Spans are left out: the host's own span covers
//! the call, and a plugin's would cost a host call each.

use std::fmt::{self, Write};

use tracing_core::{
    Event, Field, Level as TracingLevel, LevelFilter, Metadata, Subscriber, dispatcher,
    field::Visit, span,
};

use super::{Level, emit, enabled};

/// Makes the bridge the global subscriber, unless the plugin has set one of its own.
pub(crate) fn install() {
    drop(dispatcher::set_global_default(dispatcher::Dispatch::new(
        Bridge,
    )));
}

struct Bridge;

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && enabled(level(metadata))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        [
            (Level::Trace, LevelFilter::TRACE),
            (Level::Debug, LevelFilter::DEBUG),
            (Level::Info, LevelFilter::INFO),
            (Level::Warn, LevelFilter::WARN),
        ]
        .into_iter()
        .find_map(|(level, filter)| enabled(level).then_some(filter))
        .or(Some(LevelFilter::ERROR))
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        emit(
            level(metadata),
            metadata.target(),
            format_args!("{}", line.message),
            &line.fields,
        );
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        TracingLevel::TRACE => Level::Trace,
        TracingLevel::DEBUG => Level::Debug,
        TracingLevel::INFO => Level::Info,
        TracingLevel::WARN => Level::Warn,
        TracingLevel::ERROR => Level::Error,
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: Vec<(String, String)>,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a string does not fail.
            _ = write!(self.message, "{value:?}");
        } else {
            self.fields
                .push((field.name().to_owned(), format!("{value:?}")));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.fields
                .push((field.name().to_owned(), value.to_owned()));
        }
    }
}
