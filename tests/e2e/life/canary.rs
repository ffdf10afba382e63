//! Versions tried out on some of the calls: judged by what becomes of them,
//! without anybody's help.

use serde_json::json;
use tenon_tests::life::{CONNECTOR, Life};
use tenon_tests::load::{Load, Totals};
use tenon_tests::operator::Event;
use tenon_tests::version::{Fault, Version, version, with};

const CONNECTIONS: usize = 4;

/// Tries a version out under load, until it is decided.
async fn try_out(life: &Life, candidate: &Version) -> (Event, Totals) {
    let uploaded = life.operator.upload(&candidate.bytes).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let numbers = [1, candidate.number];
    let load = Load::start(life.host.address(), CONNECTOR, CONNECTIONS, numbers);
    load.answers(500).await;
    let after = life.operator.latest().await;
    let path = format!("/connectors/{CONNECTOR}/canary");
    // Half of the calls, so that the sample is soon large enough; all the
    // rest is as every operator gets it.
    let body = json!({ "component": candidate.digest, "rules": { "weight": 50 } });
    let started = life.operator.post(&path, &body).await;
    assert_eq!(started.status, 200, "{}", started.text());
    assert_eq!(started.json()["result"], "trying");
    let decided = ["promoted", "canary-rolled-back"];
    let event = life.operator.event(after, &candidate.digest, &decided);
    let event = event.await;
    let after = load.requests();
    load.answers(500).await;
    let totals = load.stop();
    assert!(totals.requests > after);
    (event, totals)
}

/// That only one version answers, and always.
async fn assert_alone(life: &Life, alone: &Version) {
    life.still_runs(alone).await;
    let numbers = [1, 2];
    let load = Load::start(life.host.address(), CONNECTOR, CONNECTIONS, numbers);
    load.answers(1000).await;
    let totals = load.stop();
    assert_eq!(totals.failed(), 0, "{totals:?}");
    assert_eq!(totals.versions.get(&alone.number), Some(&totals.requests));
    let found = life.operator.connector(CONNECTOR).await;
    assert!(found["canary"].is_null(), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_five_percent_is_rolled_back_by_itself() {
    let life = Life::start().await;
    let candidate = with(2, Fault::FailsFivePercent);
    let (event, totals) = try_out(&life, &candidate).await;
    assert_eq!(event.action, "canary-rolled-back", "{event:?}");
    assert!(event.detail.to_string().contains("\"fails\""), "{event:?}");
    // It did serve, and it did fail.
    assert!(totals.versions.get(&2) > Some(&0), "{totals:?}");
    assert!(totals.wrong > 0, "{totals:?}");
    assert_alone(&life, &version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_slow_is_rolled_back_by_itself() {
    let life = Life::start().await;
    let candidate = with(2, Fault::Slow);
    let (event, totals) = try_out(&life, &candidate).await;
    assert_eq!(event.action, "canary-rolled-back", "{event:?}");
    assert!(event.detail.to_string().contains("\"slow\""), "{event:?}");
    assert_eq!(totals.failed(), 0, "{totals:?}");
    assert_alone(&life, &version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_merely_new_is_promoted() {
    let life = Life::start().await;
    let candidate = version(2);
    let (event, totals) = try_out(&life, &candidate).await;
    assert_eq!(event.action, "promoted", "{event:?}");
    assert!(event.detail.to_string().contains("\"proven\""), "{event:?}");
    assert_eq!(totals.failed(), 0, "{totals:?}");
    assert_eq!(totals.versions.len(), 2, "{totals:?}");
    assert_alone(&life, &candidate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_goes_on_after_a_restart() {
    let life = Life::start().await;
    let candidate = version(2);
    life.operator.upload(&candidate.bytes).await;
    let path = format!("/connectors/{CONNECTOR}/canary");
    let body = json!({ "component": candidate.digest, "rules": { "weight": 50 } });
    let started = life.operator.post(&path, &body).await;
    assert_eq!(started.status, 200, "{}", started.text());
    let life = Life::resume(life.stop().await).await;
    let numbers = [1, 2];
    let load = Load::start(life.host.address(), CONNECTOR, CONNECTIONS, numbers);
    let event = life.operator.event(0, &candidate.digest, &["promoted"]);
    event.await;
    let totals = load.stop();
    assert_eq!(totals.failed(), 0, "{totals:?}");
    life.runs(&candidate).await;
}
