//! Many at once.

use std::time::Duration;

use tenon_host::dispatch::Outcome::{Internal, Overloaded};
use tokio::task::JoinSet;

use super::rig::{Op, Rig, assert_error, hostile};

const SPINNING: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_that_spin_hold_up_nobody_else() {
    let mut plan = hostile();
    plan.limits.concurrent_calls = SPINNING as u32;
    plan.limits.first_byte_ms = 120_000;
    plan.limits.cpu_ms = 100;
    let rig = std::sync::Arc::new(Rig::new(plan));
    let mut spinning = JoinSet::new();
    for _ in 0..SPINNING {
        let rig = rig.clone();
        spinning.spawn(async move { rig.run(Op::Stat, "spin").await });
    }
    for _ in 0..1000 {
        rig.assert_others_work().await;
    }
    while let Some(ended) = spinning.join_next().await {
        assert_error("spin", &ended.unwrap().unwrap_err(), Internal, "`cpu_ms`");
    }
    rig.assert_usable().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_too_many_is_refused_by_name() {
    let rig = Rig::new(hostile());
    let first = rig.run(Op::Stat, "wait-for-ever");
    let second = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        rig.run(Op::Stat, "fine").await
    };
    tokio::select! {
        ended = first => panic!("{ended:?}"),
        refused = second => {
            let error = refused.unwrap_err();
            assert_error("second", &error, Overloaded, "`concurrent_calls` (1)");
            assert!(error.retry_after().is_some());
        }
    }
}
