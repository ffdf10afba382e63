//! Ways to end: without returning, late, with too much, with an error.

use std::hint::black_box;

use super::bindings::tenon::connector::types::{Delay, Error};
use super::bindings::wasi::clocks::monotonic_clock;
use super::{Deed, delay, detail};

pub(super) const DEEDS: &[Deed] = &[
    ("fine", |_, _| Ok(Some(r#"{"deed":"fine"}"#.to_owned()))),
    ("nothing", |_, _| Ok(None)),
    ("trap", |_, _| core::arch::wasm32::unreachable()),
    ("panic", |_, _| panic!("on purpose")),
    ("exit", |status, _| {
        std::process::exit(status.parse().unwrap_or_default())
    }),
    ("spin", |_, _| spin()),
    ("wait", |_, _| {
        wait();
        Ok(None)
    }),
    ("grow", |_, _| {
        loop {
            black_box(vec![1_u8; STEP_BYTES].leak());
        }
    }),
    ("leak-memory", |_, _| {
        black_box(vec![1_u8; STEP_BYTES].leak());
        Ok(None)
    }),
    ("recurse", |_, _| Ok(Some(recurse(u32::MAX).to_string()))),
    ("long-result", |bytes, _| {
        let bytes = bytes.parse().unwrap_or_default();
        Ok(Some(format!("\"{}\"", "x".repeat(bytes))))
    }),
    ("no-json", |_, _| Ok(Some("{\"deed\":".to_owned()))),
    ("deep-json", |_, _| {
        Ok(Some(format!(
            "{}{}",
            "[".repeat(30_000),
            "]".repeat(30_000)
        )))
    }),
    ("invalid", |_, _| Err(Error::Invalid(detail(ON_PURPOSE)))),
    ("unauthenticated", |_, _| {
        Err(Error::Unauthenticated(detail(ON_PURPOSE)))
    }),
    ("denied", |_, _| Err(Error::Denied(detail(ON_PURPOSE)))),
    ("not-found", |_, _| Err(Error::NotFound(detail(ON_PURPOSE)))),
    ("conflict", |_, _| Err(Error::Conflict(detail(ON_PURPOSE)))),
    ("unsupported", |_, _| {
        Err(Error::Unsupported(detail(ON_PURPOSE)))
    }),
    ("rate-limited", |_, _| {
        Err(Error::RateLimited(delay(ON_PURPOSE)))
    }),
    ("unavailable", |_, _| {
        Err(Error::Unavailable(delay(ON_PURPOSE)))
    }),
    ("internal", |_, _| Err(Error::Internal(detail(ON_PURPOSE)))),
    // In three hundred million years.
    ("never-again", |_, _| {
        Err(Error::Unavailable(Delay {
            detail: detail(ON_PURPOSE),
            after_ms: Some(u64::MAX),
        }))
    }),
    ("long-error", |_, _| {
        Err(Error::Invalid(detail("x\n\0y".repeat(100_000))))
    }),
];

const ON_PURPOSE: &str = "on purpose";
const STEP_BYTES: usize = 1 << 20;

pub(super) fn spin() -> ! {
    loop {
        black_box(());
    }
}

pub(super) fn wait() {
    monotonic_clock::subscribe_duration(u64::MAX / 2).block();
}

/// A tenth of a second.
pub(super) fn pause() {
    monotonic_clock::subscribe_duration(100_000_000).block();
}

#[inline(never)]
fn recurse(depth: u32) -> u32 {
    let frame = black_box([depth; 256]);
    match depth {
        0 => 0,
        _ => recurse(depth - 1) ^ black_box(&frame)[0],
    }
}
