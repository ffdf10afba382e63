//! Upgrades that want more wait for an operator, who can also go back.

use serde_json::json;
use tenon_tests::host::Signal;
use tenon_tests::life::{CONNECTOR, Life, OPERATOR};
use tenon_tests::version::{Fault, Version, version, with};
use tenon_tests::wait;

struct Held {
    life: Life,
    upgrade: Version,
}

impl Held {
    /// A host that runs version 1, with an upgrade that waits.
    async fn start() -> Self {
        let life = Life::start().await;
        let upgrade = with(2, Fault::WantsMore);
        let after = life.operator.latest().await;
        life.place(&upgrade.bytes);
        let pending = life.operator.event(after, &upgrade.digest, &["pending"]);
        pending.await;
        life.still_runs(&version(1)).await;
        Self { life, upgrade }
    }

    async fn ask(&self, what: &str) {
        let path = format!("/connectors/{CONNECTOR}/{what}");
        let answer = self.life.operator.post(&path, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn an_upgrade_that_wants_more_waits_and_shows_what() {
    let held = Held::start().await;
    let found = held.life.operator.connector(CONNECTOR).await;
    let pending = &found["pending"];
    assert_eq!(pending["digest"], held.upgrade.digest);
    let difference = &pending["difference"];
    assert_eq!(difference["wants_added"], json!(["files"]));
    assert_eq!(difference["wants_removed"], json!([]));
    let size = held.upgrade.bytes.len();
    assert_eq!(difference["size"], json!({ "from": size, "to": size }));

    let path = format!("/connectors/{CONNECTOR}/approve");
    for (seen, status) in [(&*version(3).digest, 409), ("latest", 400)] {
        let seen = json!({ "digest": seen });
        let refused = held.life.operator.post(&path, &seen).await;
        assert_eq!(refused.status, status, "{}", refused.text());
    }
    held.life.still_runs(&version(1)).await;

    let after = held.life.operator.latest().await;
    let seen = json!({ "digest": held.upgrade.digest });
    let answer = held.life.operator.post(&path, &seen).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    held.life.still_runs(&held.upgrade).await;
    let found = held.life.operator.connector(CONNECTOR).await;
    assert!(found["pending"].is_null(), "{found}");
    let events = held.life.operator.events(after).await;
    let by_whom = events
        .iter()
        .find(|event| event.digest == held.upgrade.digest);
    assert_eq!(by_whom.expect("an event").actor, OPERATOR);

    // Wanting less needs nobody.
    held.life.place(&version(3).bytes);
    held.life.runs(&version(3)).await;
}

#[tokio::test]
async fn a_rejected_upgrade_is_forgotten() {
    let held = Held::start().await;
    held.ask("reject").await;
    let found = held.life.operator.connector(CONNECTOR).await;
    assert!(found["pending"].is_null(), "{found}");
    held.life.still_runs(&version(1)).await;
    let path = format!("/connectors/{CONNECTOR}/approve");
    let refused = held.life.operator.post(&path, &json!({})).await;
    assert!(refused.status >= 400, "{}", refused.text());
}

#[tokio::test]
async fn what_waits_still_waits_after_a_restart() {
    let Held { life, upgrade } = Held::start().await;
    let life = Life::resume(life.stop().await).await;
    life.runs(&version(1)).await;
    let found = life.operator.connector(CONNECTOR).await;
    assert_eq!(found["pending"]["digest"], upgrade.digest);
}

#[tokio::test]
async fn a_rollback_holds_against_the_file_and_a_restart() {
    let life = Life::start().await;
    life.place(&version(2).bytes);
    life.runs(&version(2)).await;
    let after = life.operator.latest().await;
    let path = format!("/connectors/{CONNECTOR}/rollback");
    let answer = life.operator.post(&path, &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    life.still_runs(&version(1)).await;
    let actions = ["rolled-back"];
    let event = life
        .operator
        .event(after, &version(1).digest, &actions)
        .await;
    assert_eq!(event.actor, OPERATOR);

    // The file has not changed: it is no reason to swap again.
    let skip = life.host.logs().len();
    life.host.signal(Signal::HUP);
    life.host.logged("configuration taken over", skip).await;
    life.still_runs(&version(1)).await;
    let life = Life::resume(life.stop().await).await;
    life.runs(&version(1)).await;
    wait::until("the connector is ready", async || {
        let found = life.operator.connector(CONNECTOR).await;
        (found["ready"] == true).then_some(())
    })
    .await;
    life.still_runs(&version(1)).await;
}
