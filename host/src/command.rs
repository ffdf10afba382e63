//! What each subcommand does.

pub(crate) mod check;
pub(crate) mod health;
pub(crate) mod plugin;
pub(crate) mod serve;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use tenon_host::config::Config;

/// `EX_CONFIG` would be 78; deployments know 64 from the other connectors.
const BAD_CONFIGURATION: u8 = 64;

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
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: the value for programs, or what `text` makes of it for
    /// people.
    pub(crate) fn print<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(value)?);
        } else {
            println!("{}", text(value).trim_end());
        }
        Ok(())
    }
}

/// A checked configuration; one with mistakes has them printed.
fn load(directory: &Path) -> Result<Config, ExitCode> {
    Config::load(directory).map_err(|problems| {
        eprintln!("{problems}");
        ExitCode::from(BAD_CONFIGURATION)
    })
}
