//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use url::Url;

use crate::command::{compile, plugin};

const EXIT_CODES: &str = "\
Exit codes:
  0   served and drained; configuration without mistakes; host is healthy
  1   cannot start; calls were cut while draining; host is not healthy
  2   wrong arguments
  64  mistakes in the configuration, all of them listed

Examples:
  tenon check --config runtime-config
  tenon serve --config runtime-config
  kill -HUP <pid>     take over changed connectors, tenants, secrets and plugins
  kill -TERM <pid>    drain, then stop";

/// Runs connector operations inside sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, arg_required_else_help = true)]
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
    Serve {
        /// Directory with host.toml, connectors/ and tenants/
        #[arg(long, env = "TENON_CONFIG", default_value = "runtime-config")]
        config: PathBuf,
    },
    /// Check a configuration directory without starting anything
    Check {
        /// Directory with host.toml, connectors/ and tenants/
        #[arg(long, env = "TENON_CONFIG", default_value = "runtime-config")]
        config: PathBuf,
    },
    /// Ask a running host whether it is alive
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
}
