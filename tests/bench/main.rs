//! What a sandbox costs, as ratios against the same plugin run natively in the
//! same run. Machines are noisy and differ: every figure comes from rounds in
//! which all variants take turns, and a ratio is the median of the rounds'
//! ratios.
//!
//! `TENON_BENCH_ROUNDS` sets the number of rounds (default 15). Arguments, such
//! as `swaps idle`, name the parts to measure; without any, all are.

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
mod sqapi;
mod stats;
mod summary;
mod swaps;

use summary::Summary;

/// The host's own choice.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Measure = fn(&mut Summary) -> anyhow::Result<()>;

const PARTS: [(&str, Measure); 9] = [
    ("sandbox", sandbox::run),
    ("features", features::run),
    ("requests", requests::run),
    ("neighbours", neighbours::run),
    ("deposit", deposit::run),
    ("first-answer", first_answer::run),
    ("swaps", swaps::run),
    ("idle", idle::run),
    ("sqapi", sqapi::run),
];

fn main() -> anyhow::Result<()> {
    // Cargo asks every benchmark for its name when it runs tests.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    // Cargo adds arguments of its own.
    let chosen: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let mut summary = Summary::default();
    println!("Ratios compare with the plugin's own crate, native, in the same app.\n");
    for (name, measure) in PARTS {
        if chosen.is_empty() || chosen.iter().any(|part| part == name) {
            measure(&mut summary)?;
        }
    }
    summary.write()
}
