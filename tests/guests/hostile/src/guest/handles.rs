//! Host resources: how many, how long, how much in one call.

use super::bindings::tenon::connector::{config, scratch};
use super::bindings::wasi::clocks::monotonic_clock;
use super::bindings::wasi::io::poll;
use super::bindings::wasi::random::random;
use super::{Deed, Result, number, unavailable};

pub(super) const DEEDS: &[Deed] = &[
    ("handles", handles),
    ("poll", poll_many),
    ("random", random_bytes),
    ("wait-for-ever", |_| wait_for_ever()),
    ("long-key", long_key),
    ("scratch", scratch_bytes),
];

fn handles(count: &str) -> Result<String> {
    for _ in 0..number(count)? {
        std::mem::forget(monotonic_clock::subscribe_duration(0));
    }
    Ok(count.to_owned())
}

fn poll_many(count: &str) -> Result<String> {
    let ready = monotonic_clock::subscribe_duration(0);
    let all = vec![&ready; number(count)? as usize];
    Ok(poll::poll(&all).len().to_string())
}

fn random_bytes(count: &str) -> Result<String> {
    Ok(random::get_random_bytes(number(count)?).len().to_string())
}

/// Does not poll `call.cancelled`, unlike every wait of the SDK.
pub(super) fn wait_for_ever<T>() -> Result<T> {
    monotonic_clock::subscribe_duration(u64::MAX / 2).block();
    Err(unavailable("woken"))
}

fn long_key(bytes: &str) -> Result<String> {
    let key = "k".repeat(number(bytes)? as usize);
    Ok(config::get(&key).unwrap_or_else(|| "no such key".to_owned()))
}

fn scratch_bytes(count: &str) -> Result<String> {
    let mut left = number(count)?;
    let file = scratch::create()?;
    let stream = file.append()?;
    while left > 0 {
        let room = stream.check_write();
        let room = room.map_err(|error| unavailable(format!("{error:?}")))?;
        let now = room.min(left).min(32 * 1024);
        let written = stream.write(&vec![7; now as usize]);
        written.map_err(|error| unavailable(format!("{error:?}")))?;
        left -= now;
    }
    Ok(file.size().to_string())
}
