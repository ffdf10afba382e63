//! `tenon approve`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Remote};
use super::{Output, change};

#[derive(Debug, Args)]
#[command(after_help = "\
The difference is shown by `tenon connectors <ID>`.

Example:
  tenon approve port-disk")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let answer = client.post(&["connectors", &id, "approve"], None).await?;
        change::report(output, &arguments.connector, &answer)
    })
}
