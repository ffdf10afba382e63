//! A host killed at each named step of admission, activation and canary: the
//! version that was activated last serves after the restart, and what was
//! interrupted is in the catalog as a whole or not at all.

use http::Request;
use http_body_util::Full;
use serde_json::json;
use tenon_tests::life::{CONNECTOR, Life};
use tenon_tests::setup::Setup;
use tenon_tests::version::{Version, version};
use tenon_tests::{client, standstill, wait};

const VARIABLE: &str = "FAILPOINTS";

/// What the operator asks for when the host is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Admit,
    Activate,
    TryOut,
}

/// Makes the next host stand at a fail point, longer than anybody waits.
pub(super) fn stand_at(setup: &mut Setup, point: &str) {
    let action = format!("{point}=sleep(600000)");
    setup.variables.push((VARIABLE, action));
}

pub(super) fn stand_nowhere(setup: &mut Setup) {
    setup.variables.retain(|(name, _)| *name != VARIABLE);
}

impl Step {
    fn request(self, life: &Life, version: &Version) -> Request<Full<bytes::Bytes>> {
        let path = |verb: &str| format!("/connectors/{CONNECTOR}/{verb}");
        let body = json!({ "component": version.digest });
        match self {
            Self::Admit => life.operator.handing_in(&version.bytes),
            Self::Activate => life.operator.change(&path("activate"), &body),
            Self::TryOut => life.operator.change(&path("canary"), &body),
        }
    }
}

/// Kills a host that runs version 1 at a fail point, while it does something
/// with version 2, and starts it again.
async fn killed_at(point: &str, step: Step) -> Life {
    let life = Life::start().await;
    if step != Step::Admit {
        let uploaded = life.operator.upload(&version(2).bytes).await;
        assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    }
    let mut setup = life.stop().await;
    stand_at(&mut setup, point);
    let life = Life::resume(setup).await;
    life.runs(&version(1)).await;
    let request = step.request(&life, &version(2));
    let asked = tokio::spawn(client::open(life.host.setup.admin, request));
    standstill::reached(life.host.id()).await;
    assert!(!asked.is_finished(), "{point}: the host went past it");
    let mut setup = life.kill().await;
    assert!(asked.await.unwrap().is_err(), "{point}: it was answered");
    stand_nowhere(&mut setup);
    Life::resume(setup).await
}

/// That a version serves from the first answer on, and that the catalog takes
/// up version 2 as if nothing had happened.
async fn assert_consistent(point: &str, life: Life, serving: &Version) {
    let first = wait::until("an answer", async || life.answering().await).await;
    assert_eq!(first, serving.number, "{point}");
    life.still_runs(serving).await;
    // Wholly there, or not at all.
    let (upgrade, path) = (version(2), format!("/components/{}", version(2).digest));
    let found = life.operator.get(&path).await;
    match found.status {
        200 => {
            assert_eq!(found.json()["size"], upgrade.bytes.len(), "{point}");
            assert_eq!(found.json()["name"], "versions", "{point}");
        }
        status => assert_eq!(status, 404, "{point}: {}", found.text()),
    }
    life.roll_out(&upgrade).await;
    life.still_runs(&upgrade).await;
    let events = life.operator.events(0).await;
    let activated = events
        .iter()
        .filter(|event| event.action == "activated" && event.digest == upgrade.digest);
    assert_eq!(activated.count(), 1, "{point}: {events:#?}");
    let path = format!("/connectors/{CONNECTOR}/rollback");
    let back = life.operator.post(&path, &json!({})).await;
    assert_eq!(back.status, 200, "{point}: {}", back.text());
    life.still_runs(&version(1)).await;
    // And all of it is durable.
    let life = Life::resume(life.stop().await).await;
    life.runs(&version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_admits() {
    for point in [
        "admission-received",
        "admission-compiled",
        "admission-described",
        "admission-stored",
    ] {
        let life = killed_at(point, Step::Admit).await;
        assert_consistent(point, life, &version(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_activates() {
    for (point, serving) in [
        ("activation-checked", 1),
        ("activation-committed", 2),
        ("activation-swapped", 2),
    ] {
        let life = killed_at(point, Step::Activate).await;
        assert_consistent(point, life, &version(serving)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_begins_to_try_out() {
    let point = "canary-committed";
    let life = killed_at(point, Step::TryOut).await;
    wait::until("an answer", async || life.answering().await).await;
    assert_eq!(life.active().await, version(1).digest);
    // It was committed, so it goes on.
    let found = life.operator.connector(CONNECTOR).await;
    assert_eq!(found["canary"]["digest"], version(2).digest);
    let path = format!("/connectors/{CONNECTOR}/canary?promote=false");
    let ended = life.operator.send("DELETE", &path, "", "").await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_consistent(point, life, &version(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_being_taken_up_is_taken_up_again() {
    for point in [
        "admission-compiled",
        "activation-checked",
        "activation-committed",
    ] {
        let mut setup = Life::start().await.stop().await;
        stand_at(&mut setup, point);
        let life = Life::resume(setup).await;
        life.runs(&version(1)).await;
        life.place(&version(2).bytes);
        standstill::reached(life.host.id()).await;
        let mut setup = life.kill().await;
        stand_nowhere(&mut setup);
        let life = Life::resume(setup).await;
        life.runs(&version(2)).await;
    }
}
