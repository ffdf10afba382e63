//! What each subcommand does.

pub(crate) mod activate;
pub(crate) mod approve;
pub(crate) mod canary;
mod change;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
mod component;
pub(crate) mod connectors;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod logs;
pub(crate) mod plugin;
pub(crate) mod plugins;
pub(crate) mod prune;
pub(crate) mod reject;
mod remote;
pub(crate) mod rollback;
pub(crate) mod serve;
pub(crate) mod sqapi;
mod text;
pub(crate) mod token;

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use tenon_host::config::{Config, Problems};

use crate::arguments::exit;

/// How results are printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read it.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: the value for programs, or what `text` makes of it for
    /// people.
    pub(crate) fn print<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(value)?
        } else {
            text(value)
        };
        self.line(text.trim_end()).map(drop)
    }

    /// Prints a line of a result that goes on. Says whether anybody still
    /// reads.
    pub(crate) fn line(self, text: &str) -> anyhow::Result<bool> {
        match writeln!(io::stdout(), "{text}") {
            Ok(()) => Ok(true),
            // Such as `head`, which has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// A configuration without mistakes; those of any other are printed.
fn checked(config: Result<Config, Problems>) -> Result<Config, ExitCode> {
    config.map_err(|problems| mistaken(&problems))
}

fn mistaken(problems: &Problems) -> ExitCode {
    eprintln!("{problems}");
    ExitCode::from(exit::CONFIGURATION)
}
