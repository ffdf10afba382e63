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
        Command::Check { config } => command::check::run(&config, &output),
        Command::Health { url } => command::health::run(&url, &output),
        Command::Compile(arguments) => return command::compile::run(&arguments),
        Command::Plugin { command } => command::plugin::run(command, &output),
        Command::Connectors(arguments) => command::connectors::run(&arguments, &output),
        Command::Plugins(arguments) => command::plugins::run(&arguments, &output),
        Command::Activate(arguments) => command::activate::run(&arguments, &output),
        Command::Rollback(arguments) => command::rollback::run(&arguments, &output),
        Command::Canary { command } => command::canary::run(&command, &output),
        Command::Approve(arguments) => command::approve::run(&arguments, &output),
        Command::Reject(arguments) => command::reject::run(&arguments, &output),
        Command::History(arguments) => command::history::run(&arguments, &output),
        Command::Events(arguments) => command::events::run(&arguments, &output),
        Command::Logs(arguments) => command::logs::run(&arguments, &output),
        Command::Prune(arguments) => command::prune::run(&arguments, &output),
        Command::Sqapi { command } => command::sqapi::run(&command, &output),
        Command::Token { command } => command::token::run(&command, &output),
        Command::Completions(arguments) => command::completions::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("tenon: {error:#}");
        ExitCode::FAILURE
    })
}
