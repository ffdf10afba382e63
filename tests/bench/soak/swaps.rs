//! Two hundred swaps under load, a million requests, none lost; the same with
//! every tenth candidate broken; and how soon a second host follows.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tenon_tests::life::{self, Life};
use tenon_tests::postgres::Database;
use tenon_tests::swapping::{self, Plan};
use tenon_tests::version::version;
use tenon_tests::wait;

const SWAPS: usize = 200;
const REQUESTS_MIN: u64 = 1_000_000;
const CONNECTIONS: usize = 8;
const BROKEN_EVERY: usize = 10;
const CONVERGENCES: u16 = 20;
const CONVERGED_MAX: Duration = Duration::from_secs(2);

/// Everything, one after the other.
pub fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        under_load(None).await?;
        under_load(Some(BROKEN_EVERY)).await?;
        converge().await
    })
}

async fn under_load(broken_every: Option<usize>) -> anyhow::Result<()> {
    let life = Life::start().await;
    let (resident_before, _) = life.host.memory();
    let plan = Plan {
        swaps: SWAPS,
        requests_min: REQUESTS_MIN,
        connections: CONNECTIONS,
        broken_every,
    };
    let report = swapping::run(&life, plan).await?;
    let totals = &report.totals;
    println!(
        "{} swaps under {:.0} s of load by wrk, slowest {:.2} s from trigger to answer\n\
         \x20 broken candidates in between: {:?}\n\
         \x20 {} requests, {} wrong, {} lost, by version {:?}\n\
         \x20 host memory {} MiB before, {} MiB after",
        report.swaps,
        totals.seconds,
        report.slowest.as_secs_f64(),
        report.refused,
        totals.requests,
        totals.wrong,
        totals.lost,
        totals.versions,
        resident_before >> 20,
        life.host.memory().0 >> 20,
    );
    ensure!(totals.requests >= REQUESTS_MIN, "too few requests");
    ensure!(totals.failed() == 0, "failed: {totals:?}");
    let told: u64 = totals.versions.values().sum();
    ensure!(told == totals.requests, "{totals:?}");
    ensure!(totals.versions.len() == 2, "{totals:?}");
    Ok(())
}

/// Two hosts with a database in common, and an activation on the first.
async fn converge() -> anyhow::Result<()> {
    let database = Database::new().await;
    let setup = || life::setup(&version(1)).database(&database.url());
    let first = Life::resume(setup()).await;
    first.runs(&version(1)).await;
    let second = Life::resume(setup()).await;
    second.runs(&version(1)).await;
    let mut slowest = Duration::ZERO;
    for turn in 0..CONVERGENCES {
        let next = version(2 - turn % 2);
        first.roll_out(&next).await;
        let since = Instant::now();
        wait::until("the second host follows", async || {
            (second.answering().await == Some(next.number)).then_some(())
        })
        .await;
        slowest = slowest.max(since.elapsed());
    }
    println!(
        "{CONVERGENCES} activations reached a second host on the same PostgreSQL, \
         the slowest after {:.2} s",
        slowest.as_secs_f64()
    );
    ensure!(slowest <= CONVERGED_MAX, "too slow");
    Ok(())
}
