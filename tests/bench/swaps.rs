//! What callers notice of ten swaps a second: lost requests, and latency
//! against the same load without swaps. The host is a process of its own and
//! is told to swap by its admin API.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tenon_tests::life::{CONNECTOR, Life};
use tenon_tests::load::{Load, Totals};
use tenon_tests::version::version;

use crate::stats;
use crate::summary::Summary;

/// Enough to keep the host busy without queueing for the processor.
const CONNECTIONS: usize = 2;
const TURN: Duration = Duration::from_secs(3);
const PERIOD: Duration = Duration::from_millis(100);
/// A turn is long, and both kinds take turns within a round.
const ROUNDS_SHARE: usize = 3;

/// Measures both loads in turn.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut figures = Figures::default();
    runtime.block_on(async {
        let life = Life::start().await;
        life.roll_out(&version(2)).await;
        let load = begin(&life);
        load.answers(2000).await;
        drop(load);
        for _ in 0..stats::rounds().div_ceil(ROUNDS_SHARE) {
            let load = begin(&life);
            tokio::time::sleep(TURN).await;
            let quiet = load.stop();
            let load = begin(&life);
            let swapped = swap(&life, &mut figures).await;
            let loaded = load.stop();
            swapped?;
            figures.add(&quiet, &loaded);
        }
        anyhow::Ok(())
    })?;
    figures.report(summary);
    Ok(())
}

fn begin(life: &Life) -> Load {
    Load::start(life.host.address(), CONNECTOR, CONNECTIONS, [1, 2])
}

/// Swaps for a turn.
async fn swap(life: &Life, figures: &mut Figures) -> anyhow::Result<()> {
    let versions = [version(1), version(2)];
    let began = Instant::now();
    let mut tick = tokio::time::interval(PERIOD);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while began.elapsed() < TURN {
        tick.tick().await;
        let next = &versions[figures.swaps % 2];
        let started = Instant::now();
        let activated = life.operator.activate(CONNECTOR, &next.digest).await;
        figures.swap_ms.push(started.elapsed().as_secs_f64() * 1e3);
        ensure!(
            activated.json()["result"] == "activated",
            "{}",
            activated.text()
        );
        figures.swaps += 1;
    }
    figures.seconds += began.elapsed().as_secs_f64();
    Ok(())
}

#[derive(Debug, Default)]
struct Figures {
    swaps: usize,
    seconds: f64,
    swap_ms: Vec<f64>,
    ratios: Vec<f64>,
    quiet_us: Vec<f64>,
    loaded_us: Vec<f64>,
    requests: u64,
    failed: u64,
}

impl Figures {
    fn add(&mut self, quiet: &Totals, loaded: &Totals) {
        self.ratios.push(loaded.p99_us / quiet.p99_us);
        self.quiet_us.push(quiet.p99_us);
        self.loaded_us.push(loaded.p99_us);
        self.requests += loaded.requests;
        self.failed += quiet.failed() + loaded.failed();
    }

    fn report(mut self, summary: &mut Summary) {
        let ratio = stats::median(&mut self.ratios);
        println!(
            "{} swaps under load, {:.1} a second, {CONNECTIONS} connections\n\
             \x20 one swap {:.1} ms, p99 {:.1} ms\n\
             \x20 p99 of requests {:.0} µs, without swaps {:.0} µs, ratio {ratio:.2}\n\
             \x20 {} requests, {} failed or lost\n",
            self.swaps,
            self.swaps as f64 / self.seconds,
            stats::median(&mut self.swap_ms),
            stats::percentile(&mut self.swap_ms, 0.99),
            stats::median(&mut self.loaded_us),
            stats::median(&mut self.quiet_us),
            self.requests,
            self.failed,
        );
        summary.add("swap_ms", stats::median(&mut self.swap_ms));
        summary.add("swap_p99_ratio", ratio);
        summary.add("swap_requests", self.requests as f64);
        summary.add("swap_failed", self.failed as f64);
    }
}
