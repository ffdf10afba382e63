//! Components in a real registry: stored, fetched, signed and verified by the
//! program, with the field's own tools as the second opinion.

mod access;
mod activation;
mod layout;
mod refusals;
mod signatures;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use tenon_tests::artefact;
use tenon_tests::registry::Registry;

/// Somebody at a shell, with a home of their own.
struct Shell {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a command came to.
#[derive(Debug)]
struct Ended {
    code: i32,
    json: Value,
    stderr: String,
}

impl Shell {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, arguments: &[&OsStr]) -> Output {
        let mut command = Command::new(artefact::host());
        command.args(["--json", "plugin"]).args(arguments);
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy).env_remove(proxy.to_lowercase());
        }
        command
            .env_remove("DOCKER_CONFIG")
            .env("HOME", self.home.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    fn push(&self, file: &Path, reference: &str, more: &[&dyn AsRef<OsStr>]) -> Ended {
        let first: [&OsStr; 3] = ["push".as_ref(), file.as_ref(), reference.as_ref()];
        let more = more.iter().map(|argument| (*argument).as_ref());
        let arguments: Vec<_> = first.into_iter().chain(more).collect();
        ended(&self.run(&arguments))
    }

    /// Pulls to `pulled.wasm`, which is not there before.
    fn pull(&self, reference: &str, more: &[&dyn AsRef<OsStr>]) -> Ended {
        let file = self.path("pulled.wasm");
        _ = std::fs::remove_file(&file);
        let first: [&OsStr; 4] = [
            "pull".as_ref(),
            reference.as_ref(),
            "-o".as_ref(),
            file.as_ref(),
        ];
        let more = more.iter().map(|argument| (*argument).as_ref());
        let arguments: Vec<_> = first.into_iter().chain(more).collect();
        let ended = ended(&self.run(&arguments));
        assert_eq!(file.exists(), ended.code == 0, "{ended:?}");
        ended
    }

    fn pulled(&self) -> Vec<u8> {
        std::fs::read(self.path("pulled.wasm")).unwrap()
    }
}

impl Ended {
    /// The result of a command that did what it was told.
    #[track_caller]
    fn done(self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.json
    }

    /// Checks that it failed, and how it called the reason.
    #[track_caller]
    fn refused(&self, code: &str) {
        assert_eq!(self.json["error"]["code"], code, "{self:?}");
        assert_eq!(self.code, 1, "{self:?}");
    }

    /// The digest of the manifest that is now there.
    #[track_caller]
    fn manifest(self) -> String {
        let reference = text(&self.done()["reference"]);
        let (_, digest) = reference.split_once('@').unwrap();
        digest.to_owned()
    }
}

fn ended(output: &Output) -> Ended {
    Ended {
        code: output.status.code().unwrap(),
        json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// The component that is pushed around.
fn disk() -> PathBuf {
    artefact::plugin("disk")
}

/// Another one, with other bytes.
fn other() -> PathBuf {
    artefact::plugin("archive")
}

/// A registry without TLS that holds `team/disk:1`, unsigned, and the digest
/// of its manifest.
async fn with_disk(shell: &Shell) -> (Registry, String) {
    let registry = Registry::start().await;
    let pushed = shell.push(
        &disk(),
        &registry.reference("team/disk:1"),
        &[&"--plain-http"],
    );
    let digest = pushed.manifest();
    (registry, digest)
}
