//! `tenon prune`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::persistence::Pruned;

use super::Output;
use super::remote::{self, Remote, read};

#[derive(Debug, Args)]
#[command(after_help = "\
[retention] in host.toml says what is kept. What a connector runs, tries out or waits for always
stays.

Example:
  tenon prune")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let answer = client.post(&["prune"], None).await?;
        let Pruned {
            history,
            components,
            events,
            failures,
        } = read(&answer)?;
        output.print(&answer, |_| {
            format!(
                "removed {components} components, {history} entries of histories, {events} events, \
                 {failures} failed messages"
            )
        })?;
        Ok(ExitCode::SUCCESS)
    })
}
