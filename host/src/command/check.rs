//! `tenon check`.

use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(directory: &Path) -> anyhow::Result<ExitCode> {
    Ok(match super::load(directory) {
        Ok(config) => {
            println!(
                "{}: {} connectors, no mistakes",
                directory.display(),
                config.connectors.len()
            );
            ExitCode::SUCCESS
        }
        Err(code) => code,
    })
}
