//! A million files read through fresh sandboxes: every one whole, none lost,
//! and memory that stays where it was. Then versions swapped under load, and a
//! hundred thousand messages of sqAPI.
//!
//! `TENON_SOAK_SECONDS` sets how long the first goes on when a million is not
//! enough. An argument, `files`, `swaps` or `messages`, runs one of them alone.

#![allow(
    dead_code,
    reason = "what is shared with the benchmark has more than is used here"
)]

mod app;
mod http;
#[path = "soak/messages.rs"]
mod messages;
mod sqapi;
mod stats;
mod summary;
#[path = "soak/swaps.rs"]
mod swaps;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// The host's own choice.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REQUESTS_MIN: usize = 1_000_000;
const CONNECTIONS: usize = 16;
const TURN: Duration = Duration::from_secs(10);
/// What caches and the allocator may still take after the first turns.
const GROWTH_KIB_MAX: u64 = 32 * 1024;

fn main() -> anyhow::Result<()> {
    // Cargo adds arguments of its own.
    let mut arguments = std::env::args().skip(1);
    let chosen = arguments.find(|argument| !argument.starts_with("--"));
    let is_chosen = |part| chosen.as_ref().is_none_or(|chosen| chosen == part);
    if is_chosen("files") {
        files()?;
    }
    if is_chosen("swaps") {
        swaps::run()?;
    }
    if is_chosen("messages") {
        messages::run()?;
    }
    Ok(())
}

fn files() -> anyhow::Result<()> {
    let at_least = std::env::var("TENON_SOAK_SECONDS").ok();
    let at_least = at_least.and_then(|text| text.parse().ok()).unwrap_or(0);
    let app = app::start(1, Vec::new())?;
    let clients = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let started = Instant::now();
    let (mut requests, mut settled) = (0, None);
    while requests < REQUESTS_MIN || started.elapsed().as_secs() < at_least {
        let load = http::read(app.address, app::FRESH, "1k", 1 << 10, CONNECTIONS, TURN);
        requests += clients.block_on(load)?.requests;
        let resident = resident_kib()?;
        println!(
            "{requests:>9} files, {:.0} s, {resident} KiB resident",
            started.elapsed().as_secs_f64()
        );
        if requests > REQUESTS_MIN / 10 {
            see_growth(&mut settled)?;
        }
    }
    println!("{requests} files, every one whole");
    Ok(())
}

/// Compares memory with what it was when this was first asked.
fn see_growth(settled: &mut Option<u64>) -> anyhow::Result<()> {
    let resident = resident_kib()?;
    let settled = *settled.get_or_insert(resident);
    ensure!(
        resident < settled + GROWTH_KIB_MAX,
        "memory grew from {settled} to {resident} KiB"
    );
    Ok(())
}

fn resident_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(figure.context("no VmRSS in /proc/self/status")?.parse()?)
}
