//! Constant load on one connector by `wrk`, which nobody here wrote. Its
//! script checks every answer: the status, and that the whole body is of one
//! version.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::version;

const PROGRAM: &str = "/usr/bin/wrk";
/// The load ends when it is told to; this is only so that none outlives a
/// suite for long.
const TIME_MAX: &str = "3600s";
/// Longer than the host takes for anything before it gives up on a call.
const ANSWER_MAX: &str = "60s";
/// What an answer is called that came from no known version as a whole.
const WRONG: &str = "wrong";

/// A load that is going on.
#[derive(Debug)]
pub struct Load {
    process: Child,
    requests: Arc<AtomicU64>,
    totals: Arc<Mutex<Option<Value>>>,
    printed: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    _script: TempDir,
}

/// What a load saw.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Answers.
    pub requests: u64,
    /// Answers by version.
    pub versions: BTreeMap<u16, u64>,
    /// Answers with another status than 200, or a body that is not of one
    /// version as a whole.
    pub wrong: u64,
    /// The first of those, as it came.
    pub first_wrong: String,
    /// Connections refused or broken, and answers that did not come.
    pub lost: u64,
    /// Latency of 99 of 100 answers, in microseconds.
    pub p99_us: f64,
    /// How long it went on, in seconds.
    pub seconds: f64,
}

impl Totals {
    /// Requests that were not answered as they should be.
    pub fn failed(&self) -> u64 {
        self.wrong + self.lost
    }
}

impl Load {
    /// Begins to read the small file of a connector over and over, on so many
    /// connections that stay open.
    ///
    /// # Panics
    ///
    /// When `wrk` is not installed.
    pub fn start(
        address: SocketAddr,
        connector: &str,
        connections: usize,
        known: impl IntoIterator<Item = u16>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("load.lua");
        std::fs::write(&script, include_str!("load/load.lua")).expect("room for a file");
        let known = known.into_iter().map(|number| format!("{number:04}"));
        let mut process = Command::new(PROGRAM)
            .args(["--threads", "1", "--duration", TIME_MAX])
            .args(["--timeout", ANSWER_MAX, "--connections"])
            .arg(connections.to_string())
            .arg("--script")
            .arg(&script)
            .arg(format!("http://{address}/storage/file"))
            .arg("--")
            .args([connector, version::SMALL])
            .arg(version::SMALL_LINES.to_string())
            .args(known)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's wrk is needed: tests/setup.sh installs it");
        let stdout = process.stdout.take().expect("a pipe");
        let (requests, totals) = (Arc::<AtomicU64>::default(), Arc::<Mutex<_>>::default());
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let reader = std::thread::spawn({
            let (requests, totals, printed) = (requests.clone(), totals.clone(), printed.clone());
            move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if let Some(more) = line.strip_prefix("answered ") {
                        requests.fetch_add(more.parse().unwrap_or(0), Ordering::Relaxed);
                    } else if let Some(found) = line.strip_prefix("totals ") {
                        let found = serde_json::from_str(found).ok();
                        *totals.lock().unwrap_or_else(PoisonError::into_inner) = found;
                    } else {
                        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
                        printed.push(line);
                    }
                }
            }
        });
        Self {
            process,
            requests,
            totals,
            printed,
            reader: Some(reader),
            _script: folder,
        }
    }

    /// Answers so far, give or take a hundred.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Waits until there have been so many answers more.
    pub async fn answers(&self, more: u64) {
        let goal = self.requests() + more;
        crate::wait::until("answers to the load", async || {
            (self.requests() >= goal).then_some(())
        })
        .await;
    }

    /// Ends it.
    ///
    /// # Panics
    ///
    /// When `wrk` ended before, or did not say what it saw.
    pub fn stop(mut self) -> Totals {
        self.interrupt();
        _ = self.process.wait();
        if let Some(reader) = self.reader.take() {
            _ = reader.join();
        }
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(totals) = &*totals else {
            let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
            panic!("wrk did not say what it saw:\n{}", printed.join("\n"));
        };
        read(totals)
    }

    /// As Ctrl-C does, on which it prints what it saw.
    fn interrupt(&self) {
        _ = kill_process(Pid::from_child(&self.process), Signal::INT);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.interrupt();
            _ = self.process.wait();
        }
    }
}

fn read(totals: &Value) -> Totals {
    let count = |name: &str| totals[name].as_u64().expect("a figure");
    let figure = |name: &str| totals[name].as_f64().expect("a figure");
    let bodies = totals["bodies"].as_object().expect("counts");
    let counts = bodies.iter().filter(|(name, _)| *name != WRONG);
    Totals {
        requests: count("requests"),
        versions: counts
            .map(|(name, count)| (name.parse().unwrap_or(0), count.as_u64().unwrap_or(0)))
            .collect(),
        wrong: bodies.get(WRONG).and_then(Value::as_u64).unwrap_or(0),
        first_wrong: totals["first_wrong"].as_str().unwrap_or("").to_owned(),
        lost: count("connect") + count("read") + count("write") + count("timeout"),
        p99_us: figure("p99_us"),
        seconds: figure("seconds"),
    }
}

/// Where the load generator is, if it is installed.
pub fn program() -> Option<PathBuf> {
    let path = PathBuf::from(PROGRAM);
    path.exists().then_some(path)
}
