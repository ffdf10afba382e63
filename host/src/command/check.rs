//! `tenon check`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tenon_host::config::{Config, Problem};

use super::Output;
use crate::arguments::exit;

pub(crate) fn run(directory: &Path, output: &Output) -> anyhow::Result<ExitCode> {
    let shown = directory.display();
    match Config::check(directory) {
        Ok(config) => {
            let connectors = config.connectors.len();
            let pipelines = config.pipelines.len();
            let warnings: Vec<_> = config.warnings.iter().map(member).collect();
            let result = json!({
                "connectors": connectors, "pipelines": pipelines,
                "warnings": warnings, "problems": [],
            });
            if !output.is_json() {
                for warning in &config.warnings {
                    eprintln!("warning: {warning}");
                }
            }
            output.print(&result, |_| {
                format!("{shown}: {connectors} connectors, {pipelines} pipelines, no mistakes")
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            if output.is_json() {
                let problems: Vec<_> = problems.iter().map(member).collect();
                output.print(&json!({ "problems": problems }), |_| String::new())?;
            } else {
                eprintln!("{problems}");
            }
            Ok(ExitCode::from(exit::CONFIGURATION))
        }
    }
}

fn member(problem: &Problem) -> Value {
    let Problem {
        file,
        line,
        column,
        key,
        message,
    } = problem;
    json!({ "file": file, "line": line, "column": column, "key": key, "message": message })
}
