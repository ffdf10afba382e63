//! That a slot which served one tenant shows nothing of it to the next.

use std::sync::Arc;
use std::time::Duration;

use tenon_host::dispatch::Dispatcher;
use tenon_host::dispatch::Outcome::Overloaded;
use tenon_host::dispatch::file_store::Stat;
use tenon_host::plugin::{Engine, EngineConfig};
use tenon_tests::connector::{call, dispatcher};

use super::rig::{Op, Rig, hostile, warm};

/// Every call ends with one. `TENON_TEST_RECYCLES` asks for more.
fn recycles() -> usize {
    let set = std::env::var("TENON_TEST_RECYCLES").ok();
    set.map_or(100_000, |text| text.parse().expect("a number of recycles"))
}

/// Slots in the pool: as many as calls at one time, and those just ended.
const SLOTS: u32 = 4;
/// Calls that use memory the component did not begin with, and beyond what a
/// free slot keeps mapped.
const LARGE_EVERY: usize = 50;

async fn count(dispatcher: &Dispatcher, tenant: &str, path: &str) -> usize {
    loop {
        let stat = Stat {
            path: path.to_owned(),
        };
        match dispatcher
            .call(call(&format!("{tenant}/hostile")), stat)
            .await
        {
            Ok(entry) => return entry.path.parse().unwrap(),
            // An answer is sent before its slot is cleared.
            Err(error) if error.outcome() == Overloaded => tokio::task::yield_now().await,
            Err(error) => panic!("{tenant} {path}: {error}, {:?}", error.cause()),
        }
    }
}

async fn pass_on(dispatcher: Arc<Dispatcher>, rounds: usize) {
    for round in 0..rounds {
        let kib = if round % LARGE_EVERY == 0 { 4096 } else { 128 };
        let left = count(&dispatcher, "one", &format!("leave-canary 7 {kib}")).await;
        assert!(
            left > kib * 1024 / 8,
            "only {left} words were left in round {round}"
        );
        let found = count(&dispatcher, "two", &format!("find-canary 7 {kib}")).await;
        assert_eq!(found, 0, "in round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recycled_slot_shows_nothing_of_its_tenant() {
    let config = EngineConfig {
        sandboxes_max: SLOTS,
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config).unwrap();
    let tenant = |name: &str| {
        let mut plan = hostile();
        plan.engine = engine.clone();
        plan.limits.concurrent_calls = SLOTS;
        plan.limits.cpu_ms = 10_000;
        plan.build(&format!("{name}/hostile"))
    };
    let dispatcher = dispatcher([tenant("one"), tenant("two")]);
    let rounds = recycles() / 2 / 2;
    let other = tokio::spawn(pass_on(dispatcher.clone(), rounds));
    pass_on(dispatcher, rounds).await;
    other.await.unwrap();
}

/// Else the test above could not find anything.
#[tokio::test(flavor = "multi_thread")]
async fn within_one_sandbox_the_canary_is_found() {
    let mut plan = hostile();
    plan.isolation = warm();
    let rig = Rig::new(plan);
    let left: usize = rig
        .run(Op::Stat, "leave-canary 7 128")
        .await
        .unwrap()
        .parse()
        .unwrap();
    let found: usize = rig
        .run(Op::Stat, "find-canary 7 0")
        .await
        .unwrap()
        .parse()
        .unwrap();
    assert!(found > 128 * 1024 / 8 && found <= left, "{found} of {left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_connector_keeps_no_sandbox() {
    let config = EngineConfig {
        sandboxes_max: 1,
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config).unwrap();
    let plan = || {
        let mut plan = hostile();
        plan.engine = engine.clone();
        plan.isolation = warm();
        plan.build("one/hostile")
    };
    let dispatcher = dispatcher([plan()]);
    for _ in 0..3 {
        // A sandbox that the connector before kept would hold the only slot.
        let counted = count(&dispatcher, "one", "find-canary 7 128");
        let counted = tokio::time::timeout(Duration::from_secs(20), counted).await;
        assert_eq!(counted.expect("a free slot"), 0);
        dispatcher.replace([plan()]);
    }
}
