//! `tenon plugin check`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::author::{self, Report, Verdict};

use super::calling::{self, REFUSED};
use crate::command::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: calling::Target,
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let runtime = calling::runtime()?;
    let target = arguments.target;
    let caller = target.caller()?;
    let check = author::check(&target.component, target.connector.as_deref(), caller);
    let report = runtime.block_on(check);
    output.print(&report, text)?;
    Ok(match report.accepted {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(REFUSED),
    })
}

fn text(report: &Report) -> String {
    let steps = report.steps.iter().map(|step| {
        let verdict = match step.verdict {
            Verdict::Passed => "ok",
            Verdict::Warned => "warning",
            Verdict::Refused => "REFUSED",
            Verdict::Skipped => "skipped",
        };
        let message = step.message.replace('\n', "\n                     ");
        format!("{:<10} {verdict:<8}  {message}", step.name)
    });
    let mut lines: Vec<_> = steps.collect();
    lines.push(match report.accepted {
        true => "A host would serve it.".to_owned(),
        false => "A host would refuse it.".to_owned(),
    });
    lines.join("\n")
}
