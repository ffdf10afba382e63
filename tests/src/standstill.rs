//! Whether a process stands at a fail point: a thread of it sleeps and goes
//! on sleeping. Fail points say nothing when they are reached.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::wait;

/// Far above the period of any thread that sleeps and wakes by itself.
const OBSERVED: Duration = Duration::from_secs(1);
/// `nanosleep` and `clock_nanosleep`, by which a thread is put to sleep.
#[cfg(target_arch = "x86_64")]
const SLEEPS: [&str; 2] = ["35", "230"];
#[cfg(not(target_arch = "x86_64"))]
const SLEEPS: [&str; 2] = ["101", "115"];

/// Threads in one and the same sleep: by thread, the call and how often the
/// thread has given up its processor so far.
type Sleeping = HashMap<String, (String, String)>;

/// Waits until a thread of the process sleeps for long.
///
/// # Panics
///
/// When none does for too long.
pub async fn reached(process: u32) {
    wait::until("the host stands at its fail point", async || {
        let before = sleeping(process);
        tokio::time::sleep(OBSERVED).await;
        let after = sleeping(process);
        let same = |(thread, sleep): (&String, _)| after.get(thread) == Some(sleep);
        before.iter().any(same).then_some(())
    })
    .await;
}

fn sleeping(process: u32) -> Sleeping {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let found = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let call = read(&task.path(), "syscall")?;
        let number = call.split_whitespace().next()?;
        SLEEPS.contains(&number).then_some(())?;
        let status = read(&task.path(), "status")?;
        let switches = status.lines().find(|line| line.starts_with("voluntary"))?;
        let thread = task.file_name().to_string_lossy().into_owned();
        Some((thread, (call, switches.to_owned())))
    });
    found.collect()
}

fn read(task: &Path, name: &str) -> Option<String> {
    fs::read_to_string(task.join(name)).ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[tokio::test]
    async fn a_process_that_sleeps_is_told_from_one_that_wakes() {
        let mut sleeper = Command::new("sleep").arg("600").spawn().unwrap();
        super::reached(sleeper.id()).await;
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        // This very process: its threads wait for other things.
        assert!(super::sleeping(std::process::id()).is_empty());
    }
}
