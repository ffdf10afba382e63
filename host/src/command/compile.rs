//! `tenon compile`, which a serving host starts for every component it has to
//! compile. It is hidden: what it reads, writes and answers is for that host.

use std::process::ExitCode;

use tenon_host::plugin::compile::{self, Limits};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Bytes of the component on standard input
    #[arg(long)]
    bytes: u64,
    /// Address space to compile in
    #[arg(long)]
    memory_bytes: u64,
    /// Processor time to compile in
    #[arg(long)]
    cpu_seconds: u64,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let limits = Limits {
        bytes: arguments.bytes,
        memory_bytes: arguments.memory_bytes,
        cpu_seconds: arguments.cpu_seconds,
    };
    match compile::run(&limits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
