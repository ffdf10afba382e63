//! `tenon serve`.

use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tenon_host::config::{Config, Problems};
use tenon_host::server::{self, Ended};
use tenon_host::telemetry::Telemetry;

pub(crate) fn run(directory: &Path) -> anyhow::Result<ExitCode> {
    // Where `FAILPOINTS` says so, the host stops or fails at a named step.
    let _fail_points = fail::FailScenario::setup();
    let config = match super::checked(Config::load(directory)) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    allow_all_files();
    let telemetry = Telemetry::start(&config.host.telemetry)?;
    let ended = server::run(config, telemetry.journal());
    drop(telemetry);
    let ended = match ended {
        // A plugin that was the only one there was, and is none.
        Err(error) => {
            return match error.downcast::<Problems>() {
                Ok(problems) => Ok(super::mistaken(&problems)),
                Err(error) => Err(error),
            };
        }
        Ok(ended) => ended,
    };
    Ok(match ended {
        Ended::Drained => ExitCode::SUCCESS,
        Ended::Cut => ExitCode::FAILURE,
    })
}

/// Every component has a file or two open, and every connection one: the low
/// limit that is customary is for programs which hand files to `select`.
fn allow_all_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        eprintln!("tenon: open files stay few: {error}");
    }
}
