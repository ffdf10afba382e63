//! `tenon plugin`: what authors of plugins need, without a running host.

mod build;
mod calling;
mod check;
mod inspect;
mod new;
mod pull;
mod push;
mod registry;
mod run;
mod test;

use std::process::ExitCode;

use clap::Subcommand;

use super::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project for a new plugin
    New(new::Arguments),
    /// Build a project into a component
    Build(build::Arguments),
    /// Say whether a host would admit a component
    Check(check::Arguments),
    /// Show a component's roles, imports, wants, SDK and toolchain
    Inspect(inspect::Arguments),
    /// Run one operation of a component, here and now
    Run(run::Arguments),
    /// Run the conformance suite of the roles a component plays
    Test(test::Arguments),
    /// Store a component in an OCI registry
    Push(push::Arguments),
    /// Fetch a component from an OCI registry
    Pull(pull::Arguments),
}

pub(crate) fn run(command: Command, output: &Output) -> anyhow::Result<ExitCode> {
    match command {
        Command::New(arguments) => new::run(arguments, output),
        Command::Build(arguments) => build::run(arguments, output),
        Command::Check(arguments) => check::run(arguments, output),
        Command::Inspect(arguments) => inspect::run(arguments, output),
        Command::Run(arguments) => run::run(arguments, output),
        Command::Test(arguments) => test::run(arguments, output),
        Command::Push(arguments) => push::run(arguments, output),
        Command::Pull(arguments) => pull::run(arguments, output),
    }
}
