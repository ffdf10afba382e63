//! A sandbox that lives over calls, and what becomes of its state when
//! another version takes its place.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use tenon_host::dispatch::file_store::{Read, Stat};
use tenon_host::dispatch::{Connector, Dispatcher, Error, Outcome, Version};
use tenon_host::limits::{Isolation, LongLived};
use tenon_host::plugin::{Engine, EngineConfig};
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, call, dispatcher};
use tenon_tests::wait;

use super::rig::warm;

/// A machine that is busy with the rest must not break these by its slowness.
fn patient() -> LongLived {
    LongLived {
        wait_ms: 60_000,
        return_ms: 60_000,
        handoff_ms: 60_000,
        ..LongLived::default()
    }
}

/// The counter, told how to fail.
fn counter(rules: LongLived, told: &[(&str, &str)]) -> Plan {
    let mut plan = Plan::new(artefact::guest("counter"));
    let told = told.iter();
    plan.config = told
        .map(|&(key, value)| (key.into(), value.into()))
        .collect();
    plan.isolation = Isolation::LongLived(rules);
    plan
}

struct Rig {
    dispatcher: Arc<Dispatcher>,
    connector: Arc<Connector>,
}

impl Rig {
    fn new(plan: Plan) -> Self {
        let connector = plan.build("counter");
        let dispatcher = dispatcher([connector.clone()]);
        Self {
            dispatcher,
            connector,
        }
    }

    async fn read(&self, path: &str) -> Result<String, Error> {
        let read = |into| Read {
            path: path.to_owned(),
            offset: 0,
            into,
        };
        let started = self.dispatcher.stream(call("counter"), read).await?;
        let body = started.body.collect().await.expect("a whole body");
        Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
    }

    /// A read that returns when it is asked to. It is refused while the call
    /// that looks out for it is in the sandbox.
    async fn wait(&self) -> Result<String, Error> {
        loop {
            match self.read("wait").await {
                Err(error) if error.outcome() == Outcome::Overloaded => {}
                ended => return ended,
            }
        }
    }

    async fn count(&self) -> String {
        let counted = self.read("count").await;
        counted.unwrap_or_else(|error| panic!("{error}, {:?}", error.cause()))
    }

    async fn counts(&self, expected: &[&str]) {
        for &expected in expected {
            assert_eq!(self.count().await, expected);
        }
    }

    async fn swap(&self, next: Plan) -> Arc<Version> {
        let version = next.version();
        self.connector.activate(version.clone()).await;
        version
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sandbox_serves_all_calls() {
    let rig = Rig::new(counter(patient(), &[]));
    rig.counts(&["1", "2", "3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_version_goes_on_where_the_one_before_was() {
    let rig = Rig::new(counter(patient(), &[("version", "a")]));
    rig.counts(&["a1", "a2", "a3"]).await;
    let before = rig.connector.active().unwrap();
    rig.swap(counter(patient(), &[("version", "b")])).await;
    rig.counts(&["b4", "b5"]).await;
    // And back again, to the very version that handed over.
    rig.connector.activate(before).await;
    rig.counts(&["a6"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn swaps_under_load_fail_no_call_and_forget_none() {
    const CALLERS: usize = 4;
    const CALLS: usize = 100;
    const SWAPS: usize = 40;
    let rig = Arc::new(Rig::new(counter(patient(), &[])));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let rig = rig.clone();
            tokio::spawn(async move {
                for _ in 0..CALLS {
                    rig.count().await;
                }
            })
        })
        .collect();
    for _ in 0..SWAPS {
        rig.swap(counter(patient(), &[])).await;
        // Some calls between two swaps.
        rig.count().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let all = CALLERS * CALLS + SWAPS + 1;
    assert_eq!(rig.count().await, all.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_cannot_be_carried_costs_nothing_else() {
    let hasty = LongLived {
        handoff_ms: 300,
        ..patient()
    };
    let small = LongLived {
        state_bytes_max: 1 << 10,
        ..patient()
    };
    let plain = || counter(patient(), &[("version", "b")]);
    let told = |rules, key, value| counter(rules, &[("version", "b"), (key, value)]);
    let rows = [
        (
            "save traps",
            counter(patient(), &[("save", "traps")]),
            plain(),
        ),
        (
            "save hangs",
            counter(patient(), &[("save", "hangs")]),
            counter(hasty.clone(), &[("version", "b")]),
        ),
        (
            "the state is too large",
            counter(patient(), &[("save", "is-large")]),
            counter(small, &[("version", "b")]),
        ),
        (
            "restore refuses",
            counter(patient(), &[]),
            told(patient(), "restore", "refuses"),
        ),
        (
            "restore hangs",
            counter(patient(), &[]),
            told(hasty, "restore", "hangs"),
        ),
    ];
    for (what, old, new) in rows {
        let rig = Rig::new(old);
        rig.counts(&["1", "2"]).await;
        rig.swap(new).await;
        assert_eq!(rig.count().await, "b1", "{what}");
        assert_eq!(rig.count().await, "b2", "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_without_the_role_starts_its_successor_empty() {
    let mut template = Plan::new(artefact::plugin("template"));
    template.isolation = Isolation::LongLived(patient());
    let rig = Rig::new(template);
    assert_eq!(rig.read("more/numbers.txt").await.unwrap(), "1 2 3\n");
    rig.swap(counter(patient(), &[])).await;
    rig.counts(&["1", "2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_never_ran_has_nothing_to_hand_over() {
    let rig = Rig::new(counter(patient(), &[("save", "traps")]));
    rig.swap(counter(patient(), &[])).await;
    rig.counts(&["1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_is_asked_to_return_and_counts() {
    let impatient = LongLived {
        wait_ms: 1,
        return_ms: 1,
        ..patient()
    };
    let rig = Rig::new(counter(impatient, &[]));
    rig.counts(&["1"]).await;
    let (waited, counted) = tokio::join!(rig.wait(), async {
        let path = || "count".to_owned();
        wait::until("the call has begun", async || {
            let stat = Stat { path: path() };
            rig.dispatcher.call(call("counter"), stat).await.err()
        })
        .await;
        rig.swap(counter(patient(), &[("version", "b")])).await;
        rig.count().await
    });
    assert_eq!(
        (waited.unwrap(), counted),
        ("2".to_owned(), "b3".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_at_a_time_and_the_next_waits_for_a_bounded_time() {
    let rules = LongLived {
        wait_ms: 1,
        ..patient()
    };
    let rig = Rig::new(counter(rules, &[]));
    rig.counts(&["1"]).await;
    let busy = wait::until("the sandbox is busy", async || {
        rig.read("count").await.err()
    });
    let error = tokio::select! {
        ended = rig.wait() => panic!("{ended:?}"),
        error = busy => error,
    };
    assert_eq!(error.outcome(), Outcome::Overloaded);
    assert!(error.message().contains("isolation.wait_ms"), "{error}");
    // Its caller is gone, and it returns when it is asked to: nothing is lost.
    let again = wait::until("the place is free", async || rig.read("count").await.ok());
    let again: u64 = again.await.parse().unwrap();
    assert!(again > 2, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_gives_the_sandbox_up() {
    let rig = Rig::new(counter(patient(), &[]));
    rig.counts(&["1", "2"]).await;
    let error = rig.read("trap").await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Internal);
    rig.counts(&["1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_version_keeps_no_warm_sandbox() {
    let config = EngineConfig {
        sandboxes_max: 1,
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config).unwrap();
    let plan = || {
        let mut plan = Plan::new(artefact::plugin("template"));
        plan.engine = engine.clone();
        plan.isolation = warm();
        plan
    };
    let rig = Rig::new(plan());
    let mut kept = Vec::new();
    for _ in 0..3 {
        let read = rig.read("more/numbers.txt").await;
        assert_eq!(read.unwrap(), "1 2 3\n");
        // It could be activated again, so it may well be held on to.
        kept.push(rig.connector.active());
        // What it kept idle would hold the only slot there is.
        rig.swap(plan()).await;
    }
}
