//! What an author of plugins types: `tenon plugin new`, `build`, `check`,
//! `inspect` and `run`, by the real program.

mod inspect;
mod project;
mod run;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tenon_tests::artefact;

/// The component, or its connector, was refused, or its call did not end with
/// an answer.
const REFUSED: i32 = 3;
/// The command line is wrong.
const USAGE: i32 = 2;

/// `tenon plugin …`, in a folder.
fn plugin(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(artefact::host());
    command
        .arg("plugin")
        .args(arguments)
        .env(
            "XDG_CACHE_HOME",
            artefact::root().join("target/author-cache"),
        )
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs to its end, which must be a good one.
fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        stdout(&output),
        stderr(&output)
    );
    output
}

/// Runs to a good end and returns what it prints for programs.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let mut command = plugin(folder, arguments);
    command.arg("--json");
    let output = succeed(command);
    serde_json::from_slice(&output.stdout).unwrap()
}
