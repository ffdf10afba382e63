//! Candidates that do not get as far as to run: each is refused with a reason
//! of its own, while the version before goes on serving.

use tenon_tests::life::{self, CONNECTOR, Life};
use tenon_tests::swapping::{Trigger, refuse};
use tenon_tests::version::broken::Broken;
use tenon_tests::version::{Fault, version, with};
use tenon_tests::wait;

/// Every kind, by one way of bringing it.
async fn every_kind(trigger: Trigger, numbers: u16) {
    let life = Life::start().await;
    for (number, kind) in (numbers..).zip(Broken::ALL) {
        let refused = refuse(&life, trigger, kind, number).await;
        refused.unwrap_or_else(|error| panic!("{kind:?}: {error:#}"));
        life.still_runs(&version(1)).await;
    }
    // And none of them is in the way of a good one.
    life.place(&version(2).bytes);
    life.runs(&version(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_never_replaces_what_runs() {
    every_kind(Trigger::File, 6000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_what_an_operator_hands_in() {
    every_kind(Trigger::Rollout, 6100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_version_of_the_contract_is_named() {
    let life = Life::start().await;
    let candidate = Broken::UnknownContract.bytes(6150);
    life.place(&candidate);
    let digest = tenon_tests::version::digest(&candidate);
    let event = life.operator.event(0, &digest, &["admission-refused"]);
    let detail = event.await.detail.to_string();
    assert!(detail.contains("tenon:connector/"), "{detail}");
    assert!(detail.contains("@7.0.0"), "{detail}");
    life.still_runs(&version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_connector_does_not_grant_is_not_activated() {
    let text = "plugin = 'versions'\n";
    let setup = life::setup(&version(1)).connector(CONNECTOR, text);
    let life = Life::resume(setup).await;
    life.runs(&version(1)).await;
    let after = life.operator.latest().await;
    let disk = Broken::GrowsImports.bytes(6200);
    life.place(&disk);
    let digest = tenon_tests::version::digest(&disk);
    let event = life.operator.event(after, &digest, &["activation-refused"]);
    assert_eq!(event.await.detail["code"], "does-not-fit");
    life.still_runs(&version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_says_no_keeps_it_out_and_one_that_reaches_nothing_does_not() {
    let life = Life::start().await;
    let after = life.operator.latest().await;
    let denied = with(2, Fault::CheckDenies);
    life.place(&denied.bytes);
    let refused = ["activation-refused"];
    let event = life.operator.event(after, &denied.digest, &refused).await;
    assert_eq!(event.detail["code"], "check-failed");
    life.still_runs(&version(1)).await;

    let unreachable = with(3, Fault::CheckFails);
    life.place(&unreachable.bytes);
    life.runs(&unreachable).await;
    wait::until("the connector is not ready", async || {
        let found = life.operator.connector(CONNECTOR).await;
        (found["ready"] == false && found["reason"].is_string()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_beside_a_broken_file_serves_what_was_activated_last() {
    let life = Life::start().await;
    life.place(&version(2).bytes);
    life.runs(&version(2)).await;
    refuse(&life, Trigger::File, Broken::Truncated, 6400)
        .await
        .unwrap();
    let life = Life::resume(life.stop().await).await;
    life.runs(&version(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_starts_with_is_refused_alike() {
    let setup = life::setup(&version(1));
    life::place(&setup, &Broken::BadBytes.bytes(6300));
    let life = Life::resume(setup).await;
    // Nothing runs yet, and the host says so instead of failing to start.
    let digest = tenon_tests::version::digest(&Broken::BadBytes.bytes(6300));
    life.operator
        .event(0, &digest, &["admission-refused"])
        .await;
    let answer = life.caller().file("/small").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    life.place(&version(1).bytes);
    life.runs(&version(1)).await;
}
