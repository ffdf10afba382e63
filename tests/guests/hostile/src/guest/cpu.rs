//! Processor time.

use std::hint::black_box;

use super::bindings::wasi::clocks::monotonic_clock;
use super::{Deed, Result};

pub(super) const DEEDS: &[Deed] = &[
    ("spin", spin),
    ("spin-briefly", spin_briefly),
    ("spin-in-host-calls", spin_in_host_calls),
    ("spin-in-waits", spin_in_waits),
    ("wait-a-little", wait_a_little),
];

fn spin(_: &str) -> Result<String> {
    loop {
        black_box(());
    }
}

fn spin_briefly(_: &str) -> Result<String> {
    let sum = (0..1_000_000_u64).fold(0, |sum, number| black_box(sum ^ number));
    Ok(sum.to_string())
}

fn spin_in_host_calls(_: &str) -> Result<String> {
    loop {
        black_box(monotonic_clock::now());
    }
}

fn spin_in_waits(_: &str) -> Result<String> {
    loop {
        monotonic_clock::subscribe_duration(0).block();
    }
}

fn wait_a_little(_: &str) -> Result<String> {
    monotonic_clock::subscribe_duration(1_000_000).block();
    Ok("waited".to_owned())
}
