//! `tenon plugin push`.

use std::process::ExitCode;

use clap::Args;

use crate::command::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: Arguments, _output: &Output) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not there yet")
}
