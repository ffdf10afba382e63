//! skopeo, which copies artifacts and verifies their signatures by itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Registry;

/// skopeo with a policy of its own.
#[derive(Debug)]
pub struct Skopeo {
    folder: TempDir,
}

impl Skopeo {
    /// One that takes everything.
    pub fn trusting() -> Self {
        Self::with(&json!({"default": [{"type": "insecureAcceptAnything"}]}))
    }

    /// One that takes only what this key has signed, from this registry.
    /// `identity` says how a signature names what it is for.
    pub fn verifying(registry: &Registry, key: &Path, identity: &str) -> Self {
        let signed = json!([{
            "type": "sigstoreSigned",
            "keyPath": key,
            "signedIdentity": {"type": identity},
        }]);
        let name = registry.address.to_string();
        let skopeo = Self::with(&json!({
            "default": [{"type": "reject"}],
            "transports": {"docker": {&name: signed}},
        }));
        let attached = format!("docker:\n  {name}:\n    use-sigstore-attachments: true\n");
        let file = skopeo.folder.path().join("registries.d/test.yaml");
        fs::write(file, attached).expect("room for a file");
        skopeo
    }

    fn with(policy: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("registries.d")).expect("a folder");
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
            .arg("--registries.d")
            .arg(folder.join("registries.d"))
            .args(arguments)
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder);
        let output = command.output();
        output.expect("Debian's skopeo is needed: tests/setup.sh installs it")
    }
}
