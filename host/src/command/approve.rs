//! `tenon approve`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use tenon_host::dispatch::ConnectorId;

use super::component::{self, Component};
use super::remote::{self, Remote};
use super::{Output, change};

#[derive(Debug, Args)]
#[command(after_help = "\
The difference is shown by `tenon connectors <ID>`.

Example:
  tenon approve port-disk --digest 4f2a9c81d0e3")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    /// The upgrade that is meant, or its first digits: nothing happens if another is pending by
    /// now. Whichever is pending when left out
    #[arg(long, value_name = "DIGEST")]
    digest: Option<Component>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let command =
            json!({ "digest": component::resolve(arguments.digest.as_ref(), client).await? });
        let path = ["connectors", &id, "approve"];
        let answer = client.post(&path, Some(&command)).await?;
        change::report(output, &arguments.connector, &answer)
    })
}
