//! The compiling process: what it may use, and when it ends.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tenon_tests::{altered, artefact, wait};

use super::{LABORIOUS_FUNCTIONS, Rig, compile_ms};

/// A component that compiles for long, of a length that no other test's has.
fn laborious(mark: &str) -> Vec<u8> {
    altered::marked(&altered::laborious(LABORIOUS_FUNCTIONS), mark)
}

/// The process that compiles a component of this length.
fn process(length: usize) -> Option<PathBuf> {
    let argument = format!("--bytes={length}");
    let processes = fs::read_dir("/proc").unwrap();
    processes.map(|entry| entry.unwrap().path()).find(|path| {
        let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
        let mut arguments = arguments.split(|byte| *byte == 0);
        arguments.any(|found| found == argument.as_bytes())
    })
}

async fn gone(length: usize) {
    wait::until("the process is gone", async || {
        process(length).is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn it_is_bounded_and_knows_nothing_of_the_host() {
    let bytes = laborious("bounded");
    let length = bytes.len();
    let rig = Rig::new();
    let looked = async {
        let limited = |limits: &str, name: &str, limit: &str| {
            let mut lines = limits.lines().filter(|line| line.starts_with(name));
            lines.any(|line| line.split_whitespace().any(|word| word == limit))
        };
        let process = wait::until("the process is bounded", async || {
            let process = process(length)?;
            let limits = fs::read_to_string(process.join("limits")).ok()?;
            limited(&limits, "Max cpu time", "120").then_some(process)
        })
        .await;
        let limits = fs::read_to_string(process.join("limits")).unwrap();
        assert!(
            limited(&limits, "Max address space", "4294967296"),
            "{limits}"
        );
        assert!(limited(&limits, "Max core file size", "0"), "{limits}");
        assert!(limited(&limits, "Max open files", "16"), "{limits}");
        assert_eq!(fs::read(process.join("environ")).unwrap(), b"");
        let open = fs::read_dir(process.join("fd")).unwrap();
        let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let sockets: Vec<_> = open.filter(|file| file.starts_with("socket:")).collect();
        assert!(sockets.is_empty(), "{sockets:?}");
        let nice = wait::until("it makes way", async || {
            let stat = fs::read_to_string(process.join("stat")).ok()?;
            // After the name: the state is the first field, niceness the 17th.
            let (_, fields) = stat.rsplit_once(')')?;
            fields.split_whitespace().nth(16)?.parse::<i32>().ok()
        });
        assert_eq!(nice.await, 10);
    };
    tokio::select! {
        () = looked => {}
        admitted = rig.admit(bytes) => panic!("too fast: {admitted:?}"),
    }
    // Nobody waits for it any more.
    gone(length).await;
}

#[tokio::test]
async fn it_ends_at_its_time_limit() {
    let bytes = laborious("late");
    let length = bytes.len();
    let refusal = Rig::with(compile_ms(400)).refused(bytes).await;
    assert_eq!(refusal.code(), "compile-timeout");
    gone(length).await;
}

/// As when the host is killed: nobody is left to end it.
#[tokio::test]
async fn it_ends_with_whoever_started_it() {
    let bytes = laborious("orphan");
    let mut child = Command::new(artefact::host())
        .arg("compile")
        .arg(format!("--bytes={}", bytes.len()))
        .args(["--memory-bytes=4294967296", "--cpu-seconds=600"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, &bytes).unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it compiles");
    drop(input);
    let ended = wait::until("it ends", async || child.try_wait().unwrap());
    assert!(!ended.await.success());
}
