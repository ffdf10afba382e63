//! The real host as a process, from its start to its exit.
//!
//! Whatever a suite is about, a host that it started must end cleanly and
//! must not have logged a credential: both are checked when it is dropped.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use serde_json::Value;

use crate::client::{Answer, Caller};
use crate::setup::{SECRET_MARK, Setup};
use crate::{artefact, wait};

/// A running host.
#[derive(Debug)]
pub struct Host {
    /// What it was started with.
    pub setup: Setup,
    process: Child,
    status: Option<ExitStatus>,
    killed: bool,
    lines: Lines,
    readers: Vec<JoinHandle<()>>,
}

/// What a process has written so far.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn get(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn follow(&self, stream: impl Read + Send + 'static) -> JoinHandle<()> {
        let this = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let mut lines = this.0.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push(line);
            }
        })
    }
}

/// The program with a configuration, not started yet.
pub fn command(setup: &Setup, subcommand: &str) -> Command {
    let mut command = Command::new(artefact::host());
    command
        .arg(subcommand)
        .arg("--config")
        .arg(setup.path(""))
        .envs(setup.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

/// Runs the program to its end.
///
/// # Panics
///
/// When it cannot be started.
pub fn run(setup: &Setup, subcommand: &str) -> Output {
    command(setup, subcommand).output().expect("the host runs")
}

impl Host {
    /// Starts it and waits until it serves.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn start(setup: Setup) -> Self {
        let mut command = command(&setup, "serve");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut host = Self::spawn(setup, &mut command);
        wait::until("the host serves", async || {
            host.assert_running();
            let ask = crate::client::open(
                host.setup.rds,
                host.caller("x", "").request("GET", "/health/live", ""),
            );
            ask.await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
        host
    }

    /// Runs any command that becomes the host, with its output piped.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn spawn(setup: Setup, command: &mut Command) -> Self {
        let mut process = command.spawn().expect("the host starts");
        let lines = Lines::default();
        let readers = [
            process.stdout.take().map(|stdout| lines.follow(stdout)),
            process.stderr.take().map(|stderr| lines.follow(stderr)),
        ];
        Self {
            setup,
            process,
            status: None,
            killed: false,
            lines,
            readers: readers.into_iter().flatten().collect(),
        }
    }

    /// Where connectors are served.
    pub fn address(&self) -> SocketAddr {
        self.setup.rds
    }

    /// A caller of the connector with this name.
    pub fn caller(&self, connector: &str, user: &str) -> Caller {
        Caller::new(self.address(), &format!("layer1-{connector}"), user)
    }

    /// Asks the admin listener.
    pub async fn admin(&self, path: &str) -> Answer {
        Caller::new(self.setup.admin, "localhost", "")
            .get(path)
            .await
    }

    /// Waits until a connector says that it can reach what is behind it.
    pub async fn ready(&self, connector: &str) {
        wait::until("the connector is ready", async || {
            let status = self.admin("/health/ready").await.json();
            (status["connectors"][connector]["status"] == "ready").then_some(())
        })
        .await;
    }

    /// Everything written so far, to either stream.
    pub fn lines(&self) -> Vec<String> {
        self.lines.get()
    }

    /// The log lines so far that are JSON.
    pub fn logs(&self) -> Vec<Value> {
        let lines = self.lines();
        let parsed = lines.iter().map(|line| serde_json::from_str(line));
        parsed.filter_map(Result::ok).collect()
    }

    /// Waits for a log line with this message, beyond the first `skip` lines.
    pub async fn logged(&self, message: &str, skip: usize) -> Value {
        let found = |line: &Value| {
            let text = line["message"].as_str();
            text.is_some_and(|text| text.contains(message))
        };
        wait::until(message, async || {
            self.logs().into_iter().skip(skip).find(found)
        })
        .await
    }

    /// Sends a signal.
    ///
    /// # Panics
    ///
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the host runs");
    }

    /// Kills it on the spot.
    pub fn kill(&mut self) {
        self.killed = true;
        self.signal(Signal::KILL);
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn ended(&mut self) -> ExitStatus {
        let status = wait::until("the host ends", async || self.try_wait()).await;
        // Whatever it was told, it has done.
        self.killed = true;
        status
    }

    /// Lets it drain and stop.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// Begins a new measurement of the peak.
    ///
    /// # Panics
    ///
    /// When the process is gone.
    pub fn reset_peak(&self) {
        // proc(5): 5 resets the peak of the resident set.
        let path = format!("/proc/{}/clear_refs", self.process.id());
        std::fs::write(path, "5").expect("the host runs");
    }

    /// Resident memory now, and at its peak, in bytes.
    ///
    /// # Panics
    ///
    /// When the process is gone.
    pub fn memory(&self) -> (u64, u64) {
        (self.memory_of("VmRSS:"), self.memory_of("VmHWM:"))
    }

    /// Resident memory that is of no file, in bytes.
    ///
    /// # Panics
    ///
    /// When the process is gone.
    pub fn anonymous_memory(&self) -> u64 {
        self.memory_of("RssAnon:")
    }

    fn memory_of(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("the host runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("a figure") << 10
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }

    fn try_wait(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.process.try_wait().expect("a child");
        }
        self.status
    }

    fn assert_running(&mut self) {
        let status = self.try_wait();
        assert!(
            status.is_none(),
            "the host ended: {status:?}\n{}",
            self.lines().join("\n")
        );
    }

    fn end(&mut self) {
        _ = kill_process(self.pid(), Signal::TERM);
        let deadline = Instant::now() + wait::LONG;
        while self.try_wait().is_none() {
            if Instant::now() > deadline {
                _ = self.process.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let ended_before = self.try_wait().is_some();
        if !ended_before {
            self.end();
        }
        for reader in self.readers.drain(..) {
            _ = reader.join();
        }
        let lines = self.lines();
        if std::thread::panicking() {
            eprintln!("the host's output:\n{}", lines.join("\n"));
            return;
        }
        let status = self.status;
        let clean = self.killed || status.is_some_and(|status| status.success());
        assert!(
            clean,
            "the host ended with {status:?}\n{}",
            lines.join("\n")
        );
        let told: Vec<_> = lines
            .iter()
            .filter(|line| line.contains(SECRET_MARK))
            .collect();
        assert!(told.is_empty(), "credentials in the log: {told:#?}");
    }
}
