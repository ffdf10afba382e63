//! `tenon logs`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Remote};
use super::{Output, text};

#[derive(Debug, Args)]
#[command(after_help = "\
A host holds its latest records in memory; collectors keep the rest. What its own filter,
[telemetry] log, leaves out is not there at any level.

Examples:
  tenon logs
  tenon logs -f --connector acme/port-disk
  tenon logs -f --level warn --json")]
pub(crate) struct Arguments {
    /// Go on with those to come
    #[arg(short, long)]
    follow: bool,
    /// Only those of this connector's calls, its guest's lines among them
    #[arg(long, value_name = "ID")]
    connector: Option<ConnectorId>,
    /// Nothing below this level
    #[arg(long)]
    level: Option<Level>,
    /// At most so many of those that are there
    #[arg(long, default_value = "1000")]
    max: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let max = arguments.max.to_string();
        let connector = arguments.connector.as_ref().map(ToString::to_string);
        let mut query = vec![("max", max.as_str())];
        query.extend(connector.iter().map(|id| ("connector", id.as_str())));
        query.extend(arguments.level.map(|level| ("level", level.name())));
        if arguments.follow {
            query.push(("follow", "true"));
        }
        let mut lines = client.lines(&["logs"], &query).await?;
        while let Some(record) = lines.next().await? {
            let text = match serde_json::from_str(&record) {
                Ok(fields) if !output.is_json() => line(fields),
                _ => record,
            };
            if !output.line(&text)? {
                break;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A record as one line: when, how serious, who, what, and the rest.
fn line(mut fields: Map<String, Value>) -> String {
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let head = ["timestamp", "level", "target"].map(&mut take);
    let message = take("message");
    let [timestamp, level, target] = head;
    // The spans around it name the call; the innermost is the last of them.
    let (span, _) = (take("span"), take("spans"));
    let mut line = format!("{timestamp} {level:>5} {target}: {message}");
    let further = match serde_json::from_str(&span) {
        Ok(span) => span,
        Err(_) => Map::new(),
    };
    for (name, value) in fields.iter().chain(&further) {
        match value {
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if name != "name" => line += &format!(" {name}={text}"),
            Value::String(_) => {}
            value => line += &format!(" {name}={value}"),
        }
    }
    text::plain(line.trim_start())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_one_line() {
        let Value::Object(record) = json!({
            "timestamp": "2026-01-01T00:00:00Z", "level": "WARN", "target": "guest",
            "message": "hello\nthere", "request_id": "r", "fields": "", "status": 503,
            "span": { "connector": "acme/a", "name": "call" },
            "spans": [{ "connector": "acme/a", "name": "call" }],
        }) else {
            unreachable!()
        };
        let expected = "2026-01-01T00:00:00Z  WARN guest: hello\\nthere \
                        request_id=r status=503 connector=acme/a";
        assert_eq!(line(record), expected);
    }
}
