//! The command line. What a subcommand takes stands with it, in
//! [`crate::command`].

pub(crate) mod exit;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use url::Url;

use crate::command::{
    activate, approve, canary, compile, completions, connectors, events, history, logs, plugin,
    plugins, prune, reject, rollback, sqapi, token,
};

const AFTER_HELP: &str = "\
Exit codes:
  0   done; served and drained; configuration without mistakes; host is healthy
  1   failed: no answer from the host, or it cannot do it now; cannot start; calls were cut
  2   wrong arguments
  3   refused by the host, with the reason
  4   held for approval, with the difference
  64  mistakes in the configuration, all of them listed

Commands that speak to a running host find it by --admin-url or TENON_ADMIN_URL, and prove
themselves with the token in TENON_TOKEN or in the file of --token-file.

Examples:
  tenon check --config runtime-config
  tenon serve --config runtime-config
  tenon connectors
  tenon activate port-disk --file disk.wasm
  tenon rollback port-disk
  tenon logs -f --connector port-disk";

/// Runs connector operations inside sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Print JSON for programs, not text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the connectors of a configuration directory
    #[command(after_help = "\
Examples:
  tenon serve --config runtime-config
  kill -HUP <pid>     take over changed connectors, tenants, secrets and plugins
  kill -TERM <pid>    drain, then stop")]
    Serve {
        /// Directory with host.toml, connectors/ and tenants/
        #[arg(long, env = "TENON_CONFIG", default_value = "runtime-config")]
        config: PathBuf,
    },
    /// Check a configuration directory without starting anything
    #[command(after_help = "Example:\n  tenon check --config runtime-config")]
    Check {
        /// Directory with host.toml, connectors/ and tenants/
        #[arg(long, env = "TENON_CONFIG", default_value = "runtime-config")]
        config: PathBuf,
    },
    /// Ask a running host whether it is alive
    #[command(after_help = "Example:\n  tenon health --url http://127.0.0.1:9090/health/ready")]
    Health {
        /// Any address that answers 200 when all is well
        #[arg(
            long,
            env = "TENON_HEALTH_URL",
            default_value = "http://127.0.0.1:9090/health/live"
        )]
        url: Url,
    },
    /// Compile a component from standard input to standard output
    #[command(hide = true)]
    Compile(compile::Arguments),
    /// Make, look into, try, test and share plugins
    Plugin {
        #[command(subcommand)]
        command: plugin::Command,
    },
    /// Show connectors and what they run
    Connectors(connectors::Arguments),
    /// Show the components that were admitted
    Plugins(plugins::Arguments),
    /// Let a connector run another version
    Activate(activate::Arguments),
    /// Let a connector run an earlier version again
    Rollback(rollback::Arguments),
    /// Try a version out on some of a connector's calls
    Canary {
        #[command(subcommand)]
        command: canary::Command,
    },
    /// Activate the version that waits for approval
    Approve(approve::Arguments),
    /// Give up the version that waits for approval
    Reject(reject::Arguments),
    /// Show what a connector ran
    History(history::Arguments),
    /// Look into, send again or forget messages that sqAPI pipelines gave up; read sqAPI's own files
    Sqapi {
        #[command(subcommand)]
        command: sqapi::Command,
    },
    /// Show who did what
    Events(events::Arguments),
    /// Show the host's log, guests' lines included
    Logs(logs::Arguments),
    /// Remove what retention no longer holds
    Prune(prune::Arguments),
    /// Make a token for an operator
    Token {
        #[command(subcommand)]
        command: token::Command,
    },
    /// Print a shell's completions of this command line
    Completions(completions::Arguments),
}

#[cfg(test)]
mod tests;
