//! `tenon rollback`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use tenon_host::dispatch::ConnectorId;

use super::component::{self, Component};
use super::remote::{self, Remote};
use super::{Output, change};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon rollback port-disk
  tenon rollback port-disk --to 4f2a9c81d0e3     # as in `tenon history port-disk`")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    /// The digest of an earlier version, or its first digits; the one before when left out
    #[arg(long, value_name = "DIGEST")]
    to: Option<Component>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let command = json!({ "to": component::resolve(arguments.to.as_ref(), client).await? });
        let path = ["connectors", &id, "rollback"];
        let answer = client.post(&path, Some(&command)).await?;
        change::report(output, &arguments.connector, &answer)
    })
}
