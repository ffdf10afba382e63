//! `tenon plugin build`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tenon_host::author::{self, Built};

use crate::command::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The project
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Leave function names out: a smaller file, and backtraces without them
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let built = author::build(&arguments.dir, arguments.release)?;
    output.print(&built, text)?;
    Ok(ExitCode::SUCCESS)
}

fn text(built: &Built) -> String {
    let kib = |bytes: u64| bytes.div_ceil(1024);
    let part = |bytes: Option<u64>, before: &str| match bytes {
        Some(bytes) => format!("{before} {} KiB", kib(bytes)),
        None => String::new(),
    };
    format!(
        "{}: {} KiB{}{}",
        built.path.display(),
        kib(built.size_bytes),
        part(built.memory_bytes, "; memory at its start"),
        part(built.stack_bytes, ", of it stack"),
    )
}
