//! A sandbox for a run of messages: shared while it lasts, gone after it, and
//! never an excuse for what another message has left behind.

use std::time::Duration;

use tenon_host::dispatch::Outcome::Internal;
use tenon_host::dispatch::file_store::Stat;
use tenon_host::dispatch::{Call, Error};
use tenon_host::limits::{Batch, Isolation};

use super::rig::{Op, Rig, alice, hostile};

/// Long enough for a test on a busy machine to call twice in it.
const RUN: Duration = Duration::from_secs(2);

fn rig(messages_max: u32, idle: Duration) -> Rig {
    let mut plan = hostile();
    plan.isolation = Isolation::Batch(Batch {
        messages_max,
        idle_ms: idle.as_millis() as u64,
        ..Batch::default()
    });
    Rig::new(plan)
}

async fn stat(rig: &Rig, call: Call, path: &str) -> Result<String, Error> {
    let path = path.to_owned();
    let entry = rig.dispatcher.call(call, Stat { path }).await?;
    Ok(entry.path)
}

/// Words that an earlier call has left in the sandbox's memory.
async fn found(rig: &Rig, call: Call) -> usize {
    let counted = stat(rig, call, "find-canary 7 0").await.unwrap();
    counted.parse().unwrap()
}

async fn leave(rig: &Rig) {
    stat(rig, alice(), "leave-canary 7 128").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_shares_one_and_a_call_alone_has_its_own() {
    let rig = rig(50, RUN);
    leave(&rig).await;
    assert_eq!(found(&rig, alice().alone()).await, 0);
    assert!(found(&rig, alice()).await > 0);
    // Neither is the one that was alone kept for others.
    stat(&rig, alice().alone(), "leave-canary 9 128")
        .await
        .unwrap();
    let other = stat(&rig, alice(), "find-canary 9 0").await.unwrap();
    assert_eq!(other, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_and_the_last_message_end_the_run() {
    let rig = rig(2, RUN);
    leave(&rig).await;
    let trap = rig.run(Op::Stat, "trap").await.unwrap_err();
    assert_eq!(trap.outcome(), Internal);
    assert!(trap.is_of_shared_sandbox());
    assert_eq!(found(&rig, alice()).await, 0, "after a trap");
    let alone = stat(&rig, alice().alone(), "trap").await.unwrap_err();
    assert!(!alone.is_of_shared_sandbox());
    leave(&rig).await;
    assert_eq!(found(&rig, alice()).await, 0, "in the next run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_the_run_though_nobody_sweeps() {
    let idle = Duration::from_millis(20);
    let rig = rig(50, idle);
    leave(&rig).await;
    tokio::time::sleep(idle * 5).await;
    assert_eq!(found(&rig, alice()).await, 0);
}
