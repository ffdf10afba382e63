//! `tenon canary`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use tenon_host::catalog::{CanaryStatus, ConnectorStatus};
use tenon_host::dispatch::ConnectorId;

use super::component::Component;
use super::remote::{self, Remote, read};
use super::{Output, change, text};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Send some of the calls to a version, and let it be judged
    Start(Start),
    /// Show what is tried out, and how it does
    Status(Status),
    /// Let the version that is tried out run from now on
    Promote(Promote),
    /// Give up the version that is tried out
    Abort(Abort),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The version is promoted, or given up, by itself as soon as its calls decide it.

Examples:
  tenon canary start port-disk disk@0.2.0 --weight 10
  tenon canary start port-disk 4f2a9c81d0e3 --margin 0.01 --window-ms 3600000")]
pub(crate) struct Start {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    /// `<name>@<version>`, a digest or its first digits, or `oci://<reference>`
    component: Component,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    remote: Remote,
}

/// What is left out is the host's to choose.
#[derive(Debug, Args, Serialize)]
#[command(next_help_heading = "Rules, each with a default of the host's")]
struct Rules {
    /// Percent of the calls that go to it, 1 to 90
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=90))]
    weight: Option<u8>,
    /// Its calls before it can be promoted
    #[arg(long, value_name = "CALLS")]
    sample_min: Option<u32>,
    /// Its calls after which it must be decided
    #[arg(long, value_name = "CALLS")]
    sample_max: Option<u32>,
    /// By how much its failure rate may exceed the running version's, such as 0.02
    #[arg(long, value_name = "RATE")]
    margin: Option<f64>,
    /// With what probability, at most, one beyond the margin is promoted
    #[arg(long, value_name = "PROBABILITY")]
    false_promotion: Option<f64>,
    /// How many times as slow it may be
    #[arg(long, value_name = "FACTOR")]
    latency_ratio: Option<f64>,
    /// Milliseconds after which it must be decided
    #[arg(long, value_name = "MS")]
    window_ms: Option<u64>,
}

impl Rules {
    /// Those that are given.
    fn given(&self) -> Value {
        let mut rules = json!(self);
        if let Value::Object(rules) = &mut rules {
            rules.retain(|_, value| !value.is_null());
        }
        rules
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenon canary status port-disk")]
pub(crate) struct Status {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenon canary promote port-disk")]
pub(crate) struct Promote {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenon canary abort port-disk")]
pub(crate) struct Abort {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(command: &Command, output: &Output) -> anyhow::Result<ExitCode> {
    match command {
        Command::Start(arguments) => start(arguments, output),
        Command::Status(arguments) => status(arguments, output),
        Command::Promote(arguments) => end(&arguments.remote, output, &arguments.connector, "true"),
        Command::Abort(arguments) => end(&arguments.remote, output, &arguments.connector, "false"),
    }
}

fn start(arguments: &Start, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let component = arguments.component.resolve(client).await?;
        let id = arguments.connector.to_string();
        let command = json!({ "component": component, "rules": arguments.rules.given() });
        let path = ["connectors", &id, "canary"];
        let answer = client.post(&path, Some(&command)).await?;
        change::report(output, &arguments.connector, &answer)
    })
}

fn status(arguments: &Status, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let connector: ConnectorStatus = read(&client.get(&["connectors", &id], &[]).await?)?;
        output.print(&connector.canary, |canary| match canary {
            Some(canary) => describe(canary),
            None => format!("{id} tries nothing out"),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

fn end(
    remote: &Remote,
    output: &Output,
    connector: &ConnectorId,
    promote: &str,
) -> anyhow::Result<ExitCode> {
    remote::run(remote, output, async |client| {
        let id = connector.to_string();
        let path = ["connectors", &id, "canary"];
        let answer = client.delete(&path, &[("promote", promote)]).await?;
        change::report(output, connector, &answer)
    })
}

/// A canary, a line for each thing known of it.
pub(super) fn describe(canary: &CanaryStatus) -> String {
    let mut lines = vec![format!(
        "canary    {} by {} since {}",
        text::short(&canary.digest),
        text::plain(&canary.by),
        text::moment(canary.at)
    )];
    lines.extend(members("rules", &canary.rules));
    lines.extend(members("seen", &canary.seen));
    lines.join("\n")
}

/// The members of an object, each with its path.
fn members(path: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(found) => found
            .iter()
            .flat_map(|(name, value)| members(&format!("{path}.{name}"), value))
            .collect(),
        value => vec![text::plain(&format!("{path}  {value}"))],
    }
}
