//! How `tenon plugin test` prints what it finds.

use comfy_table::{Table, presets};
use serde::Serialize;
use tenon_host::author::conformance::{CASES, Report, Run, Verdict};

use crate::command::Output;

/// A case as `--list` shows it.
#[derive(Serialize)]
struct Listed {
    role: &'static str,
    case: &'static str,
    rule: &'static str,
    fault: &'static str,
}

/// Prints every case, and the fault of the shipped guest that it finds.
pub(super) fn cases(output: &Output) -> anyhow::Result<()> {
    let cases: Vec<_> = CASES
        .iter()
        .map(|case| Listed {
            role: case.role.name(),
            case: case.name,
            rule: case.rule,
            fault: case.fault,
        })
        .collect();
    output.print(&cases, |cases| {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(["role", "case", "rule", "found where"]);
        for case in cases {
            table.add_row([case.role, case.case, case.rule, case.fault]);
        }
        table.to_string()
    })
}

/// Shows each result as it comes, to people; programs get the whole.
pub(super) struct Progress {
    silent: bool,
}

impl Progress {
    pub(super) fn new(output: &Output) -> Self {
        Self {
            silent: output.is_json(),
        }
    }

    pub(super) fn show(&self, run: &Run) {
        if !self.silent {
            println!("{}", line(run));
        }
    }
}

fn line(run: &Run) -> String {
    let verdict = match run.verdict {
        Verdict::Passed => "ok",
        Verdict::Failed => "FAILED",
        Verdict::NotOffered => "not offered",
        Verdict::Skipped => "skipped",
    };
    let place = format!("{}/{}", run.profile, run.isolation);
    let mut line = format!("{verdict:<11} {place:<14} {:<10} {}", run.role, run.case);
    if let Some(reason) = &run.reason {
        line += ": ";
        line += reason;
    }
    line
}

/// Prints the summary, or everything for programs.
pub(super) fn report(report: &Report, output: &Output) -> anyhow::Result<()> {
    output.print(report, |report| {
        let mut text = String::new();
        for profiled in &report.profiles {
            if let Some(why) = &profiled.refused {
                text += &format!(
                    "not run in the profile `{}`: the component begins with {why}; hosts run it on demand\n",
                    profiled.profile
                );
            }
        }
        for note in &report.notes {
            text += &format!("left behind: {note}\n");
        }
        let count = |verdict| {
            let runs = report.runs.iter();
            runs.filter(|run| run.verdict == verdict).count()
        };
        text += &format!(
            "{} passed, {} failed, {} not offered, {} skipped\n",
            report.passed,
            report.failed,
            count(Verdict::NotOffered),
            count(Verdict::Skipped),
        );
        text
    })
}
