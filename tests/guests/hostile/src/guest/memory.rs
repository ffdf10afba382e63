//! Linear memory and stacks.

use std::hint::black_box;

use super::{Deed, Result};

pub(super) const DEEDS: &[Deed] = &[
    ("grow", grow),
    ("grow-a-little", grow_a_little),
    ("recurse", |_| Ok(wide(u32::MAX).to_string())),
    ("recurse-without-frames", |_| {
        Ok(narrow(u32::MAX).to_string())
    }),
    ("recurse-a-little", |_| {
        Ok((wide(20) ^ narrow(20)).to_string())
    }),
];

const STEP_BYTES: usize = 1 << 20;

fn grow(_: &str) -> Result<String> {
    loop {
        black_box(vec![1_u8; STEP_BYTES].leak());
    }
}

fn grow_a_little(_: &str) -> Result<String> {
    for _ in 0..4 {
        black_box(vec![1_u8; STEP_BYTES].leak());
    }
    Ok("grown".to_owned())
}

/// Uses up the stack that the compiler keeps in linear memory.
#[inline(never)]
fn wide(depth: u32) -> u32 {
    let frame = black_box([depth; 256]);
    if depth == 0 {
        return 0;
    }
    wide(depth - 1) ^ black_box(&frame)[0]
}

/// Uses up the engine's own stack: nothing of it needs linear memory.
#[inline(never)]
fn narrow(depth: u32) -> u32 {
    if depth == 0 {
        return 7;
    }
    narrow(depth - 1).wrapping_mul(3) ^ depth
}
