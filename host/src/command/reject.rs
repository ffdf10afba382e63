//! `tenon reject`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Remote};
use super::{Output, change};

#[derive(Debug, Args)]
#[command(after_help = "\
The running version stays.

Example:
  tenon reject port-disk")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let answer = client.post(&["connectors", &id, "reject"], None).await?;
        change::report(output, &arguments.connector, &answer)
    })
}
