//! `tenon events`.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use tenon_host::catalog::EventStatus;
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Client, Error, Remote, read};
use super::{Output, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon events
  tenon events -f --connector port-disk
  tenon events --after 120 --json")]
pub(crate) struct Arguments {
    /// Go on with those that happen from now on
    #[arg(short, long)]
    follow: bool,
    /// Only those of this connector
    #[arg(long, value_name = "ID")]
    connector: Option<ConnectorId>,
    /// Only those after this one
    #[arg(long, value_name = "EVENT")]
    after: Option<u32>,
    /// At most so many of those that have happened
    #[arg(long, default_value = "100", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max: u32,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let mut query = vec![("max", arguments.max.to_string())];
        let connector = arguments.connector.as_ref().map(ToString::to_string);
        query.extend(connector.map(|connector| ("connector", connector)));
        let after = arguments.after.map(|after| after.to_string());
        query.extend(after.map(|after| ("after", after)));
        if arguments.follow {
            query.push(("follow", "true".to_owned()));
        }
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        if arguments.follow {
            return follow(client, &query, output).await;
        }
        let answer = client.get(&["events"], &query).await?;
        let events: Vec<EventStatus> = read(&answer)?;
        output.print(&answer, |_| {
            let lines: Vec<_> = events.iter().map(line).collect();
            lines.join("\n")
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn follow(
    client: &Client,
    query: &[(&str, &str)],
    output: &Output,
) -> Result<ExitCode, Error> {
    let mut lines = client.lines(&["events"], query).await?;
    while let Some(text) = lines.next().await? {
        let text = match serde_json::from_str::<EventStatus>(&text) {
            Ok(event) if !output.is_json() => line(&event),
            _ => text,
        };
        if !output.line(&text)? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An event on one line; a list would have to end before its columns could be
/// as wide as they must.
fn line(event: &EventStatus) -> String {
    let mut line = format!(
        "{:>6}  {}  {:<12} {:<20}",
        event.id,
        text::moment(event.at),
        text::plain(&event.actor),
        text::plain(&event.action)
    );
    if let Some(connector) = &event.connector {
        line += &format!(" {}", text::plain(connector));
    }
    if let Some(digest) = &event.digest {
        line += &format!(" {}", text::short(digest));
    }
    if let Value::Object(detail) = &event.detail {
        for (name, value) in detail {
            line += &text::plain(&format!(" {name}={value}"));
        }
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let event = json!({
            "id": 7, "at": 0, "actor": "ada", "action": "admission-refused", "connector": null,
            "digest": null, "detail": { "code": "compile-timeout", "message": "a\nb" },
        });
        let expected = "     7  1970-01-01 00:00:00Z  ada          admission-refused    \
                        code=\"compile-timeout\" message=\"a\\nb\"";
        assert_eq!(line(&serde_json::from_value(event).unwrap()), expected);
    }
}
