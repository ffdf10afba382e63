//! What the subcommands share that call a component.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tenon_host::author::Caller;
use tenon_host::telemetry::{self, Telemetry};
use tokio::runtime::Runtime;

/// The component was refused, or its call ended otherwise than with an answer.
pub(crate) const REFUSED: u8 = 3;
/// The command line, or the JSON on it, is wrong; clap's own code.
pub(crate) const USAGE: u8 = 2;
/// What a call may log: all the guest says, and refusals of its requests. How
/// the call ended is printed anyway.
const LOG: &str = "warn,tenon_host::capability=info,tenon_host::dispatch=off,guest=trace";
const LOG_VARIABLE: &str = "TENON_LOG";

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The component's file
    pub(crate) component: PathBuf,
    /// A connector's file: configuration, grants and limits. Without one there are none
    #[arg(long, value_name = "FILE")]
    pub(crate) connector: Option<PathBuf>,
    /// The name of the user who calls
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The variable that holds the user's credential
    #[arg(long, value_name = "VARIABLE")]
    credential_env: Option<String>,
}

impl Target {
    /// Who calls.
    pub(crate) fn caller(&self) -> anyhow::Result<Caller> {
        let credential = match &self.credential_env {
            None => None,
            Some(name) => {
                let value = std::env::var(name);
                let value = value.with_context(|| format!("--credential-env {name}"))?;
                Some(value.into())
            }
        };
        Ok(Caller {
            user: self.user.clone(),
            credential,
        })
    }
}

/// Where calls run.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

/// Shows on standard error what a guest logs.
pub(crate) fn telemetry() -> anyhow::Result<Telemetry> {
    let log = std::env::var(LOG_VARIABLE).unwrap_or_else(|_| LOG.to_owned());
    let config = telemetry::Config {
        log: log.parse()?,
        ..telemetry::Config::default()
    };
    Ok(Telemetry::start(&config)?)
}
