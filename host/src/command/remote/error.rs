//! Why a command was not done.

use std::process::ExitCode;

use tenon_host::admin::Problem;

use crate::arguments::exit;
use crate::command::{Output, text};

/// What ends a command early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line lacks something.
    #[error("{0}")]
    Usage(String),
    /// The host says no.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl Error {
    /// Tells of it, and chooses the exit code.
    pub(super) fn report(self, output: &Output) -> anyhow::Result<ExitCode> {
        match self {
            Self::Usage(message) => {
                eprintln!("tenon: {message}");
                Ok(ExitCode::from(exit::USAGE))
            }
            Self::Refused(problem) => {
                if output.is_json() {
                    output.print(&problem, |_| String::new())?;
                } else {
                    let (detail, code) = (text::plain(&problem.detail), text::plain(&problem.code));
                    eprintln!("tenon: {detail} [{code}]");
                }
                // The host's own trouble is nothing to correct here.
                Ok(ExitCode::from(match problem.status {
                    500.. => exit::FAILED,
                    _ => exit::REFUSED,
                }))
            }
            Self::Failed(error) => Err(error),
        }
    }
}
