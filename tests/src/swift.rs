//! An OpenStack Swift that nobody here wrote, and the Keystone that belongs to it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::{address, artefact};

/// The key of the user that [`Swift::connector`] names.
pub const KEY: &str = "tok3n-tester";
/// The variable from which a connector takes it.
pub const KEY_VARIABLE: &str = "SWIFT_KEY";

/// The servers, until dropped.
#[derive(Debug)]
pub struct Swift {
    /// Where the objects are.
    pub address: SocketAddr,
    keystone: Option<SocketAddr>,
    process: Child,
}

impl Swift {
    /// One at which one logs in by version 1, and waits until it serves.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn start() -> Self {
        Self::run(false).await
    }

    /// The same with a Keystone, at which one logs in by version 3.
    ///
    /// # Panics
    ///
    /// When they do not serve.
    pub async fn with_keystone() -> Self {
        Self::run(true).await
    }

    async fn run(with_keystone: bool) -> Self {
        let addresses: [_; 5] = std::array::from_fn(|_| address::unused());
        let keystone = with_keystone.then(address::unused);
        let script: PathBuf = artefact::root().join("tests/src/swift/serve.py");
        let mut process = Command::new("/usr/bin/python3")
            .arg(script)
            .args(addresses.iter().chain(&keystone).map(ToString::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's python3 is needed");
        let stdout = process.stdout.take().expect("a pipe");
        let said = tokio::task::spawn_blocking(|| BufReader::new(stdout).lines().next());
        let said = said.await.expect("a thread").and_then(Result::ok);
        assert_eq!(
            said.as_deref(),
            Some("serving"),
            "Debian's swift and keystone are needed: tests/setup.sh installs them"
        );
        Self {
            address: addresses[0],
            keystone,
            process,
        }
    }

    /// Freezes the servers: they keep their connections and answer nothing.
    ///
    /// # Panics
    ///
    /// When they are gone.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets them go on where they were.
    ///
    /// # Panics
    ///
    /// When they are gone.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// To each that the script has started.
    fn signal(&self, signal: Signal) {
        let script = self.process.id();
        let children = format!("/proc/{script}/task/{script}/children");
        let children = std::fs::read_to_string(children).expect("the script runs");
        let pids = children.split_whitespace().map(str::parse);
        for pid in pids.filter_map(|pid| Pid::from_raw(pid.ok()?)) {
            kill_process(pid, signal).expect("the server runs");
        }
    }

    /// The text of a connector whose configuration goes on with these lines.
    pub fn connector(&self, more: &str) -> String {
        let storage = format!("http://{}", self.address);
        let (origin, login) = match self.keystone {
            None => {
                let login = "auth_url = '@/auth/v1.0'\nuser = 'test:tester'";
                (storage.clone(), login)
            }
            Some(keystone) => {
                let login = "auth_url = '@/v3'\nuser = 'tester'\nproject_name = 'test'";
                (format!("http://{keystone}"), login)
            }
        };
        let login = login.replace('@', &origin);
        let mut text = format!("plugin = 'swift'\n[config]\n{login}\n{more}\n");
        if origin != storage {
            text += &format!("[[grants.http]]\norigin = '{storage}'\naddresses = 'any'\n");
        }
        text += &format!(
            "[[grants.http]]\norigin = '{origin}'\naddresses = 'any'\n\
             credentials = {{ key = '{{key}}' }}\n\
             [[grants.secrets]]\nname = 'key'\nvalue = 'env:{KEY_VARIABLE}'\n"
        );
        text
    }
}

impl Drop for Swift {
    fn drop(&mut self) {
        // One that is frozen would not end.
        self.resume();
        // The script ends all that it has started when its input does.
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}
