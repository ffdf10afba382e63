//! `tenon activate`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use tenon_host::catalog::ComponentStatus;
use tenon_host::dispatch::ConnectorId;

use super::component::Component;
use super::remote::{self, Client, Error, Remote, read};
use super::{Output, change};

#[derive(Debug, Args)]
#[command(after_help = "\
A version that imports or wants more than the one it replaces is held for approval (exit code 4),
unless --approve is given. One that fails any step of its admission or its check is refused
(exit code 3), and the running version stays.

Examples:
  tenon activate port-disk --file target/plugins/disk.wasm
  tenon activate port-disk disk@0.2.0 --approve
  tenon activate acme/port-disk oci://registry.example.org/plugins/disk:0.2.0
  tenon activate port-disk 4f2a9c81d0e3")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    /// `<name>@<version>`, a digest or its first digits, or `oci://<reference>`
    #[arg(required_unless_present = "file")]
    component: Option<Component>,
    /// Upload this component first, and activate it
    #[arg(long, conflicts_with = "component", value_name = "PLUGIN.WASM")]
    file: Option<PathBuf>,
    /// Activate it even though it wants more than the version it replaces
    #[arg(long)]
    approve: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let component = match (&arguments.component, &arguments.file) {
            (_, Some(file)) => upload(client, file).await?,
            (Some(component), None) => component.resolve(client).await?,
            (None, None) => return Err(Error::Usage("name a component, or a --file".to_owned())),
        };
        let id = arguments.connector.to_string();
        let command = json!({ "component": component, "approve": arguments.approve });
        let path = ["connectors", &id, "activate"];
        let answer = client.post(&path, Some(&command)).await?;
        change::report(output, &arguments.connector, &answer)
    })
}

async fn upload(client: &Client, file: &PathBuf) -> Result<String, Error> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let admitted: ComponentStatus = read(&client.upload(bytes.into()).await?)?;
    Ok(admitted.digest)
}
