//! A PostgreSQL server of the suite's own, to be stopped and started in the
//! middle of work.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::{address, wait};

/// Debian keeps the server's programs out of the path, by version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// The server refuses to run as root.
const USER: &str = "postgres";

/// The server, until dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    folder: TempDir,
    programs: PathBuf,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not installed.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Self {
            address: address::unused(),
            programs: programs(),
            folder,
        };
        let data = server.data();
        std::fs::create_dir(&data).expect("a folder");
        server.own(server.folder.path());
        server.own(&data);
        let data = data.display().to_string();
        server.run("initdb", &["-A", "trust", "-U", USER, "-N", "-D", &data]);
        server.resume().await;
        server
    }

    /// How hosts name its database.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@{}/postgres", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection and stops it, in good order.
    pub fn pause(&self) {
        self.control("fast");
    }

    /// Stops it as a crash does.
    pub fn crash(&self) {
        self.control("immediate");
    }

    /// Starts it, and waits until it answers.
    pub async fn resume(&self) {
        let options = format!(
            "-c listen_addresses={} -c port={} -c unix_socket_directories={} -c max_connections=100",
            self.address.ip(),
            self.address.port(),
            self.folder.path().display(),
        );
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let (data, log) = (data.display().to_string(), log.display().to_string());
        self.run(
            "pg_ctl",
            &["start", "-w", "-D", &data, "-l", &log, "-o", &options],
        );
        wait::until("PostgreSQL answers", async || {
            PgConnection::connect(&self.url()).await.ok()
        })
        .await;
    }

    fn control(&self, mode: &str) {
        let data = self.data().display().to_string();
        self.run("pg_ctl", &["stop", "-w", "-m", mode, "-D", &data]);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn own(&self, path: &Path) {
        let status = Command::new("chown").arg(USER).arg(path).status();
        assert!(status.is_ok_and(|status| status.success()), "chown {USER}");
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let output = Command::new("setpriv")
            .args([&format!("--reuid={USER}"), "--clear-groups"])
            .arg(&program)
            .args(arguments)
            .stdin(Stdio::null())
            // The server would hold on to a pipe.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir(self.folder.path())
            .status();
        let done = output.is_ok_and(|status| status.success());
        assert!(done, "{} {arguments:?}", program.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let program = self.programs.join("pg_ctl");
        _ = Command::new("setpriv")
            .args([&format!("--reuid={USER}"), "--clear-groups"])
            .arg(program)
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// Those of the newest version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS);
    let versions = versions.unwrap_or_else(|error| {
        panic!("{PROGRAMS}: {error}; tests/setup.sh installs PostgreSQL");
    });
    let mut versions: Vec<_> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().expect("a PostgreSQL server")
}
