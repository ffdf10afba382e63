//! `tenon serve`.

use std::path::Path;
use std::process::ExitCode;

use tenon_host::server::{self, Ended};
use tenon_host::telemetry::Telemetry;

pub(crate) fn run(directory: &Path) -> anyhow::Result<ExitCode> {
    let config = match super::load(directory) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let telemetry = Telemetry::start(&config.host.telemetry)?;
    let ended = server::run(config, telemetry.journal())?;
    drop(telemetry);
    Ok(match ended {
        Ended::Drained => ExitCode::SUCCESS,
        Ended::Cut => ExitCode::FAILURE,
    })
}
