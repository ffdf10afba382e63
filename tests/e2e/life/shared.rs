//! Two hosts with one PostgreSQL: what is activated on one is soon served by
//! the other, whatever happens to the first.

use std::time::{Duration, Instant};

use tenon_tests::life::{self, CONNECTOR, Life};
use tenon_tests::postgres::Database;
use tenon_tests::setup::Setup;
use tenon_tests::version::{Version, version};
use tenon_tests::{client, standstill, wait};

use super::crash::{stand_at, stand_nowhere};

/// A host with a plugin folder of its own on a database it shares.
fn on(database: &Database) -> Setup {
    life::setup(&version(1)).database(&database.url())
}

async fn two(database: &Database) -> [Life; 2] {
    let first = Life::resume(on(database)).await;
    first.runs(&version(1)).await;
    let second = Life::resume(on(database)).await;
    second.runs(&version(1)).await;
    [first, second]
}

/// How long a host takes to serve a version that another one was told of.
async fn converged(host: &Life, version: &Version) -> Duration {
    let since = Instant::now();
    let what = format!("{version:?} on the other host");
    wait::until(&what, async || {
        (host.answering().await == Some(version.number)).then_some(())
    })
    .await;
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_on_one_host_reaches_the_other() {
    let database = Database::new().await;
    let [first, second] = two(&database).await;
    for number in [2, 1, 2] {
        // The second was never given its bytes but by the database.
        first.roll_out(&version(number)).await;
        let took = converged(&second, &version(number)).await;
        eprintln!("the other host serves it after {took:?}");
        second.still_runs(&version(number)).await;
    }
    // And the other way round.
    second.roll_out(&version(3)).await;
    converged(&first, &version(3)).await;
    // Events are one trail for both.
    let of_third = |events: Vec<tenon_tests::operator::Event>| {
        let digest = version(3).digest;
        let found = events.into_iter().filter(|event| event.digest == digest);
        found
            .map(|event| (event.id, event.action))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of_third(first.operator.events(0).await),
        of_third(second.operator.events(0).await)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn also_when_the_first_is_killed_between_commit_and_swap() {
    let database = Database::new().await;
    let [first, second] = two(&database).await;
    let uploaded = first.operator.upload(&version(2).bytes).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let mut setup = first.stop().await;
    stand_at(&mut setup, "activation-committed");
    let first = Life::resume(setup).await;
    first.runs(&version(1)).await;

    let body = serde_json::json!({ "component": version(2).digest });
    let path = format!("/connectors/{CONNECTOR}/activate");
    let request = first.operator.change(&path, &body);
    let asked = tokio::spawn(client::open(first.host.setup.admin, request));
    let upgrade = version(2);
    let (took, ()) = tokio::join!(
        converged(&second, &upgrade),
        standstill::reached(first.host.id())
    );
    eprintln!("the other host serves it after {took:?}");
    assert!(!asked.is_finished(), "the first went on");
    let mut setup = first.kill().await;
    second.still_runs(&version(2)).await;

    stand_nowhere(&mut setup);
    let first = Life::resume(setup).await;
    first.runs(&version(2)).await;
    second.still_runs(&version(2)).await;
}
