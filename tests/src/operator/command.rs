//! What an operator does by the command line.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::Operator;
use crate::artefact;

impl Operator {
    /// The program with these arguments, set up to speak for the operator.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(artefact::host());
        command
            .args(arguments)
            .env("TENON_ADMIN_URL", format!("http://{}", self.address))
            .env("TENON_TOKEN", &self.token)
            .env_remove("TENON_TOKEN_FILE")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn tenon(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let ran = tokio::task::spawn_blocking(move || command.output());
        Ran(ran.await.expect("it ends").expect("it runs"))
    }
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran(Output);

impl Ran {
    /// Its exit code.
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    /// Its results.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Its complaints.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Its results as JSON; null when they are none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_default()
    }
}
