//! Swaps: nothing is lost, and every answer is of one version.

use tenon_tests::client::Answer;
use tenon_tests::life::{CONNECTOR, Life};
use tenon_tests::swapping::{self, Plan, Report};
use tenon_tests::version::{self, LARGE, SMALL, version};
use tenon_tests::wait;

/// What holds for every load, whatever was swapped under it.
fn assert_nothing_lost(report: &Report) {
    let totals = &report.totals;
    assert_eq!(totals.failed(), 0, "{totals:?}");
    assert_eq!(
        totals.versions.values().sum::<u64>(),
        totals.requests,
        "{totals:?}"
    );
    assert!(totals.versions.len() == 2, "{totals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn swaps_under_load_lose_nothing() {
    let life = Life::start().await;
    let plan = Plan {
        swaps: 20,
        requests_min: 10_000,
        connections: 8,
        broken_every: None,
    };
    let report = swapping::run(&life, plan).await.unwrap();
    assert_nothing_lost(&report);
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_they_among_broken_candidates() {
    let life = Life::start().await;
    let plan = Plan {
        swaps: 12,
        requests_min: 6_000,
        connections: 8,
        broken_every: Some(4),
    };
    let report = swapping::run(&life, plan).await.unwrap();
    assert_nothing_lost(&report);
    assert!(report.refused.len() >= 3, "{:?}", report.refused);
}

#[tokio::test]
async fn the_answer_to_an_activation_comes_after_the_swap() {
    let life = Life::start().await;
    let versions = [version(1), version(2)];
    life.roll_out(&versions[1]).await;
    for turn in 0..20 {
        let next = &versions[turn % 2];
        life.operator.activate(CONNECTOR, &next.digest).await;
        // At once: nobody is served by the old one any more.
        life.still_runs(next).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_flight_finishes_on_its_version() {
    let life = Life::start().await;
    // Far more than fits between guest and client: the rest is read later.
    let response = life.caller().open_file(LARGE).await;
    assert_eq!(response.status(), 200);
    life.place(&version(2).bytes);
    life.runs(&version(2)).await;
    let answer = Answer::read(response).await;
    assert!(answer.whole);
    assert_eq!(answer.body.len(), 16 << 20);
    assert_eq!(version::told(&answer.body), Some(1));
}

#[tokio::test]
async fn every_operation_is_swapped_and_every_connector_of_the_file() {
    let setup =
        tenon_tests::life::setup(&version(1)).connector("port-beside", "plugin = 'versions'\n");
    let life = Life::resume(setup).await;
    life.runs(&version(1)).await;
    let files = async |connector| {
        let caller = life.host.caller(connector, "alice");
        caller.folder("/").await.files()
    };
    for number in [2, 3] {
        life.place(&version(number).bytes);
        for connector in [CONNECTOR, "port-beside"] {
            let marker = format!("version-{number:04}");
            wait::until(&marker, async || {
                files(connector).await.contains(&marker).then_some(())
            })
            .await;
            let caller = life.host.caller(connector, "alice");
            let read = caller.file(SMALL).await;
            assert_eq!(read.text(), version::small(number));
        }
    }
}

#[tokio::test]
async fn bytes_that_come_back_are_activated_without_being_admitted_again() {
    let life = Life::start().await;
    life.place(&version(2).bytes);
    life.runs(&version(2)).await;
    let after = life.operator.latest().await;
    life.place(&version(1).bytes);
    life.runs(&version(1)).await;
    let events = life.operator.events(after).await;
    let of_first = |action| {
        let digest = version(1).digest;
        let found = events.iter().filter(|event| event.digest == digest);
        found.filter(|event| event.action == action).count()
    };
    assert_eq!((of_first("admitted"), of_first("activated")), (0, 1));
}
