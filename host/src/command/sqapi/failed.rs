//! `tenon sqapi failed`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::admin::v1::FailureStatus;

use super::Chosen;
use crate::command::remote::{self, Remote, read};
use crate::command::{Output, text};

#[derive(Debug, Args)]
#[command(after_help = "\
The oldest come first, a thousand at most. --json shows what was sent as well.

Examples:
  tenon sqapi failed
  tenon sqapi failed --pipeline main --uuid 17
  tenon sqapi failed --after 0198c1a2-7d1e-7c3a-9d52-3f0a4b7f2b11 --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Only those after this one
    #[arg(long, value_name = "FAILURE")]
    after: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        let pipeline = arguments.chosen.pipeline.as_ref();
        let pipeline = pipeline.map(ToString::to_string);
        let mut query = Vec::new();
        query.extend(pipeline.as_deref().map(|id| ("pipeline", id)));
        query.extend(arguments.chosen.uuid.as_deref().map(|id| ("uuid", id)));
        let processor = arguments.chosen.processor.as_deref();
        query.extend(processor.map(|name| ("processor", name)));
        query.extend(arguments.after.as_deref().map(|id| ("after", id)));
        let answer = client.get(&["sqapi", "failures"], &query).await?;
        let failures: Vec<FailureStatus> = read(&answer)?;
        output.print(&answer, |_| table(&failures))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn table(failures: &[FailureStatus]) -> String {
    if failures.is_empty() {
        return "nothing has failed".to_owned();
    }
    let head = ["FAILED", "PIPELINE", "UUID", "KIND", "PROCESSORS", "REASON"];
    let rows = failures.iter().map(|failure| {
        [
            text::moment(failure.at),
            failure.pipeline.clone(),
            failure.uuid.clone().unwrap_or_else(|| "-".to_owned()),
            failure.kind.clone(),
            failure.plugins.join(","),
            failure.reason.clone(),
        ]
    });
    text::table(head, rows)
}
