//! What a sandbox costs, as ratios against the same plugin run natively in the
//! same run. Machines are noisy and differ: every figure comes from rounds in
//! which all variants take turns, and a ratio is the median of the rounds'
//! ratios.
//!
//! `TENON_BENCH_ROUNDS` sets the number of rounds (default 15).

mod app;
mod cpu;
mod deposit;
mod features;
mod first_answer;
mod http;
mod idle;
mod neighbours;
mod requests;
mod sandbox;
mod stats;
mod summary;
mod swaps;

use summary::Summary;

/// The host's own choice.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    // Cargo asks every benchmark for its name when it runs tests.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let mut summary = Summary::default();
    println!("Ratios compare with the plugin's own crate, native, in the same app.\n");
    sandbox::run(&mut summary)?;
    features::run(&mut summary)?;
    requests::run(&mut summary)?;
    neighbours::run(&mut summary)?;
    deposit::run(&mut summary)?;
    first_answer::run(&mut summary)?;
    swaps::run(&mut summary)?;
    idle::run(&mut summary)?;
    summary.write()
}
