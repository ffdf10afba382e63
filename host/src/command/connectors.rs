//! `tenon connectors`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::catalog::ConnectorStatus;
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Remote, read};
use super::{Output, canary, change, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon connectors
  tenon connectors acme/port-disk     # with what is pending or tried out
  tenon connectors --json")]
pub(crate) struct Arguments {
    /// Only this one, with everything known of it
    id: Option<ConnectorId>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        if let Some(id) = &arguments.id {
            let answer = client.get(&["connectors", &id.to_string()], &[]).await?;
            let connector = read(&answer)?;
            output.print(&answer, |_| describe(&connector))?;
        } else {
            let answer = client.get(&["connectors"], &[]).await?;
            let connectors: Vec<ConnectorStatus> = read(&answer)?;
            output.print(&answer, |_| table(&connectors))?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn table(connectors: &[ConnectorStatus]) -> String {
    let head = ["ID", "PLUGIN", "DIGEST", "READY", "NEXT", "SINCE"];
    text::table(head, connectors.iter().map(row))
}

fn row(connector: &ConnectorStatus) -> [String; 6] {
    let none = || "-".to_owned();
    let active = connector.active.as_ref();
    let ready = match (connector.ready, &connector.reason) {
        (true, _) => "yes".to_owned(),
        (false, Some(reason)) => format!("no: {reason}"),
        (false, None) => "no".to_owned(),
    };
    [
        connector.id.clone(),
        active.map_or_else(none, |active| format!("{}@{}", active.name, active.version)),
        active.map_or_else(none, |active| text::short(&active.digest)),
        ready,
        next(connector).unwrap_or_else(none),
        active.map_or_else(none, |active| text::moment(active.at)),
    ]
}

/// What may run next.
fn next(connector: &ConnectorStatus) -> Option<String> {
    let canary = connector.canary.as_ref();
    let canary = canary.map(|canary| format!("canary {}", text::short(&canary.digest)));
    let pending = connector.pending.as_ref();
    let pending = pending.map(|pending| format!("pending {}", text::short(&pending.digest)));
    let next: Vec<_> = [canary, pending].into_iter().flatten().collect();
    (!next.is_empty()).then(|| next.join(", "))
}

fn describe(connector: &ConnectorStatus) -> String {
    let [id, plugin, _, ready, _, _] = row(connector).map(|cell| text::plain(&cell));
    let mut lines = vec![
        format!("connector {id}"),
        format!("plugin    {plugin}"),
        format!("ready     {ready}"),
    ];
    if let Some(active) = &connector.active {
        lines.push(format!("digest    {}", text::plain(&active.digest)));
        lines.push(format!(
            "since     {} by {}, revision {}",
            text::moment(active.at),
            text::plain(&active.by),
            active.revision
        ));
    }
    if let Some(canary) = &connector.canary {
        lines.extend([String::new(), canary::describe(canary)]);
    }
    if let Some(pending) = &connector.pending {
        lines.extend([
            String::new(),
            format!(
                "pending   {} by {} since {}",
                text::short(&pending.digest),
                text::plain(&pending.by),
                text::moment(pending.at)
            ),
            change::difference(&pending.difference),
        ]);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_has_a_line_for_each() {
        let digest = format!("sha256:{}", "a1".repeat(32));
        let other = format!("sha256:{}", "b2".repeat(32));
        let usage = json!({
            "since": 0, "grants": [], "calls": { "times": 0, "last": null }, "cpu_ms": 0,
            "memory_bytes_max": 0, "requests": 0, "http": [], "refused_hosts": [], "secrets": [],
            "files": [], "scratch": null, "config": [], "log_lines": 0, "host_calls": {}, "denied": {},
        });
        let connectors = json!([
            {
                "usage": usage, "id": "acme/a", "ready": false, "reason": "no route",
                "active": {
                    "digest": digest, "name": "disk", "version": "1.2.0",
                    "revision": 7, "by": "ada", "at": 0,
                },
                "pending": {
                    "digest": other, "by": "(files)", "at": 0,
                    "difference": {
                        "imports_added": ["tenon:connector/sql"], "imports_removed": [],
                        "wants_added": [], "wants_removed": [],
                        "roles_added": [], "roles_removed": [],
                        "size": { "from": 1, "to": 1 }, "memory": { "from": 1, "to": 1 },
                        "dependencies": [],
                    },
                },
                "canary": null,
            },
            { "usage": usage, "id": "b", "ready": true, "reason": null, "active": null, "pending": null, "canary": null },
        ]);
        let connectors: Vec<ConnectorStatus> = serde_json::from_value(connectors).unwrap();
        let expected = "\
ID      PLUGIN      DIGEST        READY         NEXT                  SINCE
acme/a  disk@1.2.0  a1a1a1a1a1a1  no: no route  pending b2b2b2b2b2b2  1970-01-01 00:00:00Z
b       -           -             yes           -                     -";
        assert_eq!(table(&connectors), expected);
        let text = describe(&connectors[0]);
        let last =
            format!("digest    {digest}\nsince     1970-01-01 00:00:00Z by ada, revision 7\n\n");
        assert!(text.contains(&last), "{text}");
        assert!(
            text.ends_with("\nimports   + tenon:connector/sql"),
            "{text}"
        );
    }
}
