//! One operation in a sandbox, without a network around it: fresh and warm,
//! on one thread and on two.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tenon_host::capability::call::Context;
use tenon_host::dispatch::file_store::Stat;
use tenon_host::limits::{Isolation, Warm};
use tenon_host::plugin::Launcher;
use tenon_tests::artefact;
use tenon_tests::connector::{self, Plan, call, dispatcher};

use crate::stats;
use crate::summary::Summary;

/// Calls of a variant before the next takes its turn.
const TURN: usize = 400;
/// How long each side of the scaling measurement runs in a round.
const SCALING_TURN: Duration = Duration::from_millis(150);

/// Measures the SDK's template.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let fresh = launcher(Isolation::Call);
    let warm = launcher(Isolation::Warm(Warm {
        calls_max: u32::MAX,
        ..Warm::default()
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut fresh_us, mut warm_us, mut dispatched_us) = (Vec::new(), Vec::new(), Vec::new());
    let through = dispatcher([Plan::new(artefact::plugin("template")).build("template")]);
    for _ in 0..stats::rounds() {
        runtime.block_on(async {
            for _ in 0..TURN {
                fresh_us.push(timed(operation(&*fresh)).await);
            }
            for _ in 0..TURN {
                warm_us.push(timed(operation(&*warm)).await);
            }
            for _ in 0..TURN {
                let stat = Stat {
                    path: String::new(),
                };
                let dispatched = through.call(call("template"), stat);
                dispatched_us.push(timed(async { drop(dispatched.await) }).await);
            }
        });
    }
    println!("`stat` of the SDK's template, µs      p50     p99");
    line("fresh sandbox", &mut fresh_us);
    line("warm sandbox", &mut warm_us);
    line("fresh, through dispatch", &mut dispatched_us);
    summary.add("fresh_call_p50_us", stats::percentile(&mut fresh_us, 0.5));
    summary.add("fresh_call_p99_us", stats::percentile(&mut fresh_us, 0.99));
    summary.add("warm_call_p50_us", stats::percentile(&mut warm_us, 0.5));
    let scaling = scaling(&fresh);
    println!("fresh calls, two threads / one        {scaling:.2}\n");
    summary.add("fresh_scaling_2core", scaling);
    Ok(())
}

fn line(name: &str, samples: &mut [f64]) {
    println!(
        "  {name:30} {:>8.1} {:>7.1}",
        stats::percentile(samples, 0.5),
        stats::percentile(samples, 0.99)
    );
}

async fn timed(operation: impl Future<Output = ()>) -> f64 {
    let started = Instant::now();
    operation.await;
    started.elapsed().as_secs_f64() * 1e6
}

fn launcher(isolation: Isolation) -> Arc<dyn Launcher> {
    let component = connector::component(&artefact::plugin("template"));
    Arc::new(connector::launcher(component, isolation))
}

/// Start, `stat` of the root, and the way back to an empty slot.
#[expect(
    clippy::expect_used,
    reason = "a failed call makes the figures worthless"
)]
async fn operation(launcher: &dyn Launcher) {
    let context = Arc::new(Context::new("bench".into(), "template".into()));
    let cpu = connector::engine().cpu_meter(Duration::from_secs(10));
    let mut sandbox = launcher.launch(context, cpu).await.expect("a sandbox");
    let store = sandbox.file_store().expect("a file store");
    store.stat("").await.expect("the root");
    drop(sandbox.keep());
}

/// Calls per second on two threads against one, the median over rounds in
/// which both take turns.
fn scaling(launcher: &Arc<dyn Launcher>) -> f64 {
    let rounds = (0..stats::rounds()).map(|_| {
        let one = calls_on(1, launcher);
        calls_on(2, launcher) as f64 / one as f64
    });
    stats::median(&mut rounds.collect::<Vec<_>>())
}

fn calls_on(threads: usize, launcher: &Arc<dyn Launcher>) -> usize {
    let until = Instant::now() + SCALING_TURN;
    let running = (0..threads).map(|_| {
        let launcher = launcher.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let Ok(runtime) = runtime else { return 0 };
            let mut calls = 0;
            while Instant::now() < until {
                runtime.block_on(operation(&*launcher));
                calls += 1;
            }
            calls
        })
    });
    let running: Vec<_> = running.collect();
    running
        .into_iter()
        .filter_map(|thread| thread.join().ok())
        .sum()
}
