//! skopeo, which reads and copies artifacts without the host's code.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// skopeo with a policy of its own.
#[derive(Debug)]
pub struct Skopeo {
    folder: TempDir,
}

impl Skopeo {
    /// One that takes everything. Debian's verifies no signatures of cosign's:
    /// it answers every such policy with "sigstore disabled".
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let policy = json!({"default": [{"type": "insecureAcceptAnything"}]});
        let file = folder.path().join("policy.json");
        fs::write(file, policy.to_string()).expect("room for a file");
        Self { folder }
    }

    /// Copies what a reference names to `docker://…` or `dir:…`.
    pub fn copy(&self, from: &str, to: &str) -> Output {
        let from = format!("docker://{from}");
        self.run(&[
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            &from,
            to,
        ])
    }

    /// What it says of an artifact without looking into its layers.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn inspect(&self, reference: &str, arguments: &[&str]) -> Value {
        let reference = format!("docker://{reference}");
        let mut all = vec!["inspect", "--tls-verify=false"];
        all.extend(arguments);
        all.push(&reference);
        let output = self.run(&all);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let folder = self.folder.path();
        let mut command = Command::new("skopeo");
        command
            .arg("--policy")
            .arg(folder.join("policy.json"))
            .args(arguments)
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder);
        let output = command.output();
        output.expect("Debian's skopeo is needed: tests/setup.sh installs it")
    }
}

impl Default for Skopeo {
    fn default() -> Self {
        Self::new()
    }
}
