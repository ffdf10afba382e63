//! A running host, spoken to over its admin listener.

mod client;
mod error;
mod lines;

pub(crate) use client::{Client, read};
pub(crate) use error::Error;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;
use url::Url;

use super::Output;

/// Holds a token. It is never an argument, which others on the machine see.
const TOKEN_VARIABLE: &str = "TENON_TOKEN";

/// Which host, and who asks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Host")]
pub(crate) struct Remote {
    /// Where the host's admin listener is
    #[arg(
        long,
        env = "TENON_ADMIN_URL",
        default_value = "http://127.0.0.1:9090",
        value_name = "URL"
    )]
    admin_url: Url,
    /// File with an operator's token; without it, TENON_TOKEN holds the token
    #[arg(long, env = "TENON_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Remote {
    fn client(&self) -> Result<Client, Error> {
        let token = match &self.token_file {
            Some(path) => fs::read_to_string(path)
                .with_context(|| format!("cannot read the token in {}", path.display()))?,
            None => std::env::var(TOKEN_VARIABLE).unwrap_or_default(),
        };
        let token = token.trim();
        if token.is_empty() {
            return Err(Error::Usage(format!(
                "no token: set {TOKEN_VARIABLE}, or give --token-file; `tenon token new` makes one"
            )));
        }
        Ok(Client::new(
            self.admin_url.clone(),
            SecretString::from(token),
        )?)
    }
}

/// Runs a command against a host. What the host refuses is printed, and
/// becomes an exit code.
pub(crate) fn run(
    remote: &Remote,
    output: &Output,
    work: impl AsyncFnOnce(&Client) -> Result<ExitCode, Error>,
) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(async { work(&remote.client()?).await });
    result.or_else(|error| error.report(output))
}
