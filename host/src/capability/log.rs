//! Guest log lines: bounded, stamped with connector and request id, and passed
//! on to the host's own log. The guest's standard output ends here too.

pub mod stdio;

use std::borrow::Cow;
use std::sync::Arc;

use wasmtime::component::HasData;

use super::Limit;
use super::call::Context;
use crate::bindings::log::{self, Level};

/// Longest message kept, in bytes; the rest of a longer one is cut off.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// What a line counts beyond its text: even an empty one takes a line of the
/// host's log, with time, connector and request id.
const LINE_OVERHEAD_BYTES: usize = 64;

/// Links the interface `log`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's log for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call that logs.
    pub context: &'a Arc<Context>,
    /// Limit `log_bytes`: bytes of log lines one call may write.
    pub bytes_max: u64,
}

impl log::Host for View<'_> {
    fn threshold(&mut self) -> wasmtime::Result<Level> {
        let current = tracing::level_filters::LevelFilter::current().into_level();
        Ok(match current {
            Some(tracing::Level::TRACE) => Level::Trace,
            Some(tracing::Level::DEBUG) => Level::Debug,
            Some(tracing::Level::INFO) => Level::Info,
            Some(tracing::Level::WARN) => Level::Warn,
            Some(tracing::Level::ERROR) | None => Level::Error,
        })
    }

    fn emit(
        &mut self,
        level: Level,
        target: String,
        message: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        let fields = fields
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(" ");
        write(
            self.context,
            self.bytes_max,
            level,
            &target,
            &message,
            &fields,
        )?;
        Ok(())
    }
}

/// Passes one line on to the host's log and counts it.
///
/// # Errors
///
/// [`Limit`] `log_bytes` once the call has written more than it may.
pub fn write(
    context: &Context,
    bytes_max: u64,
    level: Level,
    target: &str,
    message: &str,
    fields: &str,
) -> Result<(), Limit> {
    let bytes = LINE_OVERHEAD_BYTES + target.len() + message.len() + fields.len();
    if context.meter.add_logged(bytes) > bytes_max {
        return Err(Limit::new("log_bytes", format_args!("{bytes_max} bytes")));
    }
    let connector: &str = &context.connector;
    let request_id = context.request_id.as_str();
    let [target, message, fields] =
        [target, message, fields].map(|text| printable(text, LINE_BYTES_MAX));
    let (target, fields) = (&*target, &*fields);
    macro_rules! event {
        ($level:ident) => {
            tracing::event!(
                target: "guest",
                tracing::Level::$level,
                connector,
                request_id,
                source = target,
                fields,
                "{message}"
            )
        };
    }
    match level {
        Level::Trace => event!(TRACE),
        Level::Debug => event!(DEBUG),
        Level::Info => event!(INFO),
        Level::Warn => event!(WARN),
        Level::Error => event!(ERROR),
    }
    Ok(())
}

/// A guest's text, cut and with control characters escaped: a line break would
/// forge a line of the log, an escape sequence speak to the terminal.
pub fn printable(text: &str, bytes_max: usize) -> Cow<'_, str> {
    let text = text
        .get(..text.floor_char_boundary(bytes_max))
        .unwrap_or_default();
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            escaped.extend(char.escape_default());
        } else {
            escaped.push(char);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(printable("a\nb \u{1b}[2J é", 99), "a\\nb \\u{1b}[2J é");
        assert_eq!(printable("éé", 3), "é");
        assert_eq!(printable("plain", 99), "plain");
    }
}
