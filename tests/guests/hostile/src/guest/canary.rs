//! Leaves a pattern all over linear memory, and looks for it there.
//!
//! The argument is a seed and the KiB to use, above those the component began
//! with when there are enough of them. The pattern itself is computed and
//! lives in a local, which is never in linear memory.

use super::{Deed, Result, number};

pub(super) const DEEDS: &[Deed] = &[("leave-canary", leave), ("find-canary", find)];

const WORD: usize = size_of::<u64>();
const STACK_DEPTH: u32 = 8;

fn read(argument: &str) -> Result<(u64, usize)> {
    let (seed, kib) = argument.split_once(' ').unwrap_or((argument, "0"));
    Ok((number(seed)?, number(kib)? as usize * 1024))
}

/// One word goes from function to function without touching linear memory.
fn pattern(seed: u64) -> u64 {
    (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1
}

fn leave(argument: &str) -> Result<String> {
    let (seed, bytes) = read(argument)?;
    let pattern = pattern(seed);
    std::hint::black_box(vec![pattern; bytes / WORD].leak());
    on_the_stack(pattern, STACK_DEPTH);
    Ok(count(pattern).to_string())
}

#[inline(never)]
fn on_the_stack(pattern: u64, depth: u32) -> u64 {
    let frame = std::hint::black_box([pattern; 512]);
    if depth == 0 {
        return frame.len() as u64;
    }
    on_the_stack(pattern, depth - 1) ^ std::hint::black_box(&frame)[0]
}

fn find(argument: &str) -> Result<String> {
    let (seed, bytes) = read(argument)?;
    // Grown but not written: what is there is what the host left there.
    std::hint::black_box(Vec::<u8>::with_capacity(bytes).leak());
    Ok(count(pattern(seed)).to_string())
}

/// How often the pattern stands in linear memory, its first word left out.
fn count(pattern: u64) -> usize {
    let words = core::arch::wasm32::memory_size(0) * 64 * 1024 / WORD;
    (1..words)
        // SAFETY: below the memory's size, and linear memory is plain bytes.
        .filter(|at| unsafe { std::ptr::read_volatile((at * WORD) as *const u64) } == pattern)
        .count()
}
