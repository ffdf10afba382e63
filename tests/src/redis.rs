//! A Redis server of the suite's own, to be stopped and started in the middle
//! of work.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{address, wait};

/// The server, until dropped.
#[derive(Debug)]
pub struct Redis {
    address: SocketAddr,
    password: Option<String>,
    folder: TempDir,
    process: Option<Child>,
}

impl Redis {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When Redis is not installed.
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// Starts one that asks for a password.
    ///
    /// # Panics
    ///
    /// When Redis is not installed.
    pub async fn with_password(password: &str) -> Self {
        Self::with(Some(password.to_owned())).await
    }

    async fn with(password: Option<String>) -> Self {
        let mut redis = Self {
            address: address::unused(),
            password,
            folder: tempfile::tempdir().expect("a folder"),
            process: None,
        };
        redis.resume().await;
        redis
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it. What it knew is gone, unless it was saved.
    pub fn pause(&mut self) {
        if let Some(mut process) = self.process.take() {
            _ = process.kill();
            _ = process.wait();
        }
    }

    /// Starts it again, with what was saved.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn resume(&mut self) {
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", &self.address.ip().to_string()])
            .args(["--port", &self.address.port().to_string()])
            .args(["--save", "", "--appendonly", "yes", "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        let process = command.spawn();
        self.process = Some(process.expect("redis-server: tests/setup.sh installs it"));
        let address = self.address;
        wait::until("Redis answers", async || {
            let pong = ask(address, &["PING"]).ok()?;
            // One with a password answers with an error, but it answers.
            (pong.starts_with('+') || pong.contains("NOAUTH")).then_some(())
        })
        .await;
    }

    /// Stores a text under a key.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn set(&self, key: &str, value: &str) {
        assert_eq!(self.ask(&["SET", key, value]), "+OK\r\n");
    }

    /// Sends a command (RESP, one answer of one packet).
    ///
    /// # Panics
    ///
    /// When nobody answers.
    pub fn ask(&self, command: &[&str]) -> String {
        if let Some(password) = &self.password {
            return session(self.address, &[&["AUTH", password], command]).expect("an answer");
        }
        ask(self.address, command).expect("an answer")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.pause();
    }
}

fn ask(address: SocketAddr, command: &[&str]) -> std::io::Result<String> {
    session(address, &[command])
}

/// The answer to the last of these commands.
fn session(address: SocketAddr, commands: &[&[&str]]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let mut answer = String::new();
    for command in commands {
        let mut text = format!("*{}\r\n", command.len());
        for part in *command {
            text += &format!("${}\r\n{part}\r\n", part.len());
        }
        stream.write_all(text.as_bytes())?;
        let mut chunk = vec![0; 64 << 10];
        let read = stream.read(&mut chunk)?;
        answer = String::from_utf8_lossy(chunk.get(..read).unwrap_or_default()).into_owned();
    }
    Ok(answer)
}
