//! The `tenon` program: arguments, configuration, telemetry, server.

mod arguments;
mod health;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use tenon_host::config::Config;
use tenon_host::server::{self, Ended};
use tenon_host::telemetry::Telemetry;

use self::arguments::{Arguments, Command};

/// Sandboxes come and go on every worker; this allocator keeps up with them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `EX_CONFIG` would be 78; deployments know 64 from the other connectors.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The one provider of cryptography, for every TLS client in the process.
    _ = rustls::crypto::ring::default_provider().install_default();
    match arguments.command {
        Command::Serve { config } => serve(&config),
        Command::Check { config } => check(&config),
        Command::Health { url } => finish(health::probe(&url).map(|()| ExitCode::SUCCESS)),
    }
}

fn serve(directory: &Path) -> ExitCode {
    let config = match load(directory) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let telemetry = Telemetry::start(&config.host.telemetry);
    let served = telemetry
        .map_err(anyhow::Error::from)
        .and_then(|telemetry| {
            let ended = server::run(config)?;
            drop(telemetry);
            Ok(ended)
        });
    finish(served.map(|ended| match ended {
        Ended::Drained => ExitCode::SUCCESS,
        Ended::Cut => ExitCode::FAILURE,
    }))
}

fn check(directory: &Path) -> ExitCode {
    match load(directory) {
        Ok(config) => {
            println!(
                "{}: {} connectors, no mistakes",
                directory.display(),
                config.connectors.len()
            );
            ExitCode::SUCCESS
        }
        Err(code) => code,
    }
}

fn load(directory: &Path) -> Result<Config, ExitCode> {
    Config::load(directory).map_err(|problems| {
        eprintln!("{problems}");
        ExitCode::from(BAD_CONFIGURATION)
    })
}

fn finish(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("tenon: {error:#}");
        ExitCode::FAILURE
    })
}
