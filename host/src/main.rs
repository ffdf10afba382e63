//! The `tenon` program.

mod arguments;
mod command;

use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::{Arguments, Command};
use self::command::Output;

/// Sandboxes come and go on every worker; this allocator keeps up with them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The one provider of cryptography, for every TLS client in the process.
    _ = rustls::crypto::ring::default_provider().install_default();
    let output = Output::new(arguments.json);
    let result = match arguments.command {
        Command::Serve { config } => command::serve::run(&config),
        Command::Check { config } => command::check::run(&config),
        Command::Health { url } => command::health::run(&url),
        Command::Compile(arguments) => return command::compile::run(&arguments),
        Command::Plugin { command } => command::plugin::run(command, &output),
    };
    result.unwrap_or_else(|error| {
        eprintln!("tenon: {error:#}");
        ExitCode::FAILURE
    })
}
