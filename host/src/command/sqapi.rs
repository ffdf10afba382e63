//! `tenon sqapi`: messages that pipelines gave up, and sqAPI's own files.

mod convert;
mod failed;
mod purge;
mod retry;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tenon_host::admin::v1::Count;
use tenon_host::dispatch::ConnectorId;

use super::Output;
use super::remote::{self, Client, Remote, read};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show messages that were given up, and why
    Failed(failed::Arguments),
    /// Send messages again that were given up
    Retry(retry::Arguments),
    /// Forget messages that were given up
    Purge(purge::Arguments),
    /// Print an sqapi.yml in the form of this host's configuration
    Convert(convert::Arguments),
}

/// Which messages are meant.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Only those of this pipeline
    #[arg(long, value_name = "ID")]
    pipeline: Option<ConnectorId>,
    /// Only those about this object
    #[arg(long)]
    uuid: Option<String>,
    /// Only those of this processor; what others have to do with them stays
    #[arg(long, value_name = "NAME")]
    processor: Option<String>,
}

impl Chosen {
    fn body(&self, older_than_ms: Option<u64>) -> Value {
        let pipeline = self.pipeline.as_ref().map(ToString::to_string);
        json!({
            "pipeline": pipeline, "uuid": self.uuid, "processor": self.processor,
            "older_than_ms": older_than_ms,
        })
    }
}

pub(crate) fn run(command: &Command, output: &Output) -> anyhow::Result<ExitCode> {
    match command {
        Command::Failed(arguments) => failed::run(arguments, output),
        Command::Retry(arguments) => retry::run(arguments, output),
        Command::Purge(arguments) => purge::run(arguments, output),
        Command::Convert(arguments) => convert::run(arguments, output),
    }
}

/// Asks for a change of those, and says of how many it was.
fn change(
    verb: &'static str,
    done: &'static str,
    body: &Value,
    remote: &Remote,
    output: &Output,
) -> anyhow::Result<ExitCode> {
    remote::run(remote, output, async |client: &Client| {
        let path = ["sqapi", "failures", verb];
        let answer = client.post(&path, Some(body)).await?;
        let count: Count = read(&answer)?;
        output.print(&answer, |_| format!("{} messages {done}", count.messages))?;
        Ok(ExitCode::SUCCESS)
    })
}
