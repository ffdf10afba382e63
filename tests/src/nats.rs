//! A NATS server with JetStream of the suite's own, to be stopped and started
//! in the middle of work.

use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{address, wait};

/// The server, until dropped.
#[derive(Debug)]
pub struct Nats {
    address: SocketAddr,
    folder: TempDir,
    process: Option<Child>,
}

impl Nats {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it is not installed.
    pub async fn start() -> Self {
        let mut server = Self {
            address: address::unused(),
            folder: tempfile::tempdir().expect("a folder"),
            process: None,
        };
        server.resume().await;
        server
    }

    /// The text of a pipeline's `[broker]`.
    pub fn broker(&self) -> String {
        self.broker_at(self.address)
    }

    /// The same, by way of another address.
    pub fn broker_at(&self, address: SocketAddr) -> String {
        format!("type = 'nats'\nservers = ['nats://{address}']\n")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it.
    pub fn pause(&mut self) {
        if let Some(mut process) = self.process.take() {
            _ = process.kill();
            _ = process.wait();
        }
    }

    /// Starts it again, with all that it had acknowledged.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn resume(&mut self) {
        let process = Command::new("nats-server")
            .args(["-a", &self.address.ip().to_string()])
            .args(["-p", &self.address.port().to_string(), "-js", "-sd"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.expect("nats-server: tests/setup.sh installs it"));
        let address = self.address;
        wait::until("NATS answers", async || TcpStream::connect(address).ok()).await;
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.pause();
    }
}
