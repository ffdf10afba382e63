//! `tenon sqapi retry`.

use std::process::ExitCode;

use clap::Args;

use super::{Chosen, change};
use crate::command::Output;
use crate::command::remote::Remote;

#[derive(Debug, Args)]
#[command(after_help = "\
A thousand at most, the oldest first. Where only some processors failed, only those see a message
again.

Examples:
  tenon sqapi retry
  tenon sqapi retry --pipeline main --uuid 17
  tenon sqapi retry --processor thumbnails")]
pub(crate) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let body = arguments.chosen.body(None);
    change("retry", "sent again", &body, &arguments.remote, output)
}
