//! `tenon sqapi purge`.

use std::process::ExitCode;

use clap::{ArgGroup, Args};

use super::{Chosen, change};
use crate::command::Output;
use crate::command::remote::Remote;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("age").required(true),
    after_help = "\
Examples:
  tenon sqapi purge --all --pipeline main
  tenon sqapi purge --older-than-days 30"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Only those that failed longer ago
    #[arg(long, value_name = "DAYS", group = "age")]
    older_than_days: Option<u32>,
    /// However old they are
    #[arg(long, group = "age")]
    all: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let days = arguments.older_than_days.map(u64::from);
    let body = arguments.chosen.body(days.map(|days| days * DAY_MS));
    change("purge", "forgotten", &body, &arguments.remote, output)
}
