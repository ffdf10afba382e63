//! `tenon history`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::catalog::PastStatus;
use tenon_host::dispatch::ConnectorId;

use super::remote::{self, Remote, read};
use super::{Output, text};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenon history port-disk")]
pub(crate) struct Arguments {
    /// The connector, `name` or `tenant/name`
    connector: ConnectorId,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let id = arguments.connector.to_string();
        let answer = client.get(&["connectors", &id, "history"], &[]).await?;
        let history: Vec<PastStatus> = read(&answer)?;
        output.print(&answer, |_| table(&history))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn table(history: &[PastStatus]) -> String {
    let row = |past: &PastStatus| {
        [
            past.revision.to_string(),
            text::moment(past.at),
            past.how.clone(),
            text::short(&past.digest),
            past.by.clone(),
        ]
    };
    text::table(
        ["REVISION", "AT", "HOW", "DIGEST", "BY"],
        history.iter().map(row),
    )
}
