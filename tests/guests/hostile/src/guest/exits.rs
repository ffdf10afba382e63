//! Ways to end without returning.

use super::{Deed, Result, number};

pub(super) const DEEDS: &[Deed] = &[
    ("fine", |_| Ok("fine".to_owned())),
    ("trap", |_| core::arch::wasm32::unreachable()),
    ("panic", panic),
    ("exit", exit),
    ("wild-pointer", wild_pointer),
];

#[expect(clippy::panic, reason = "the subject")]
fn panic(_: &str) -> Result<String> {
    panic!("on purpose")
}

fn exit(status: &str) -> Result<String> {
    std::process::exit(number(status)? as i32)
}

fn wild_pointer(_: &str) -> Result<String> {
    let nowhere = std::hint::black_box(0x4000_0000_usize) as *const u8;
    // SAFETY: none, on purpose; the sandbox has no such address.
    Ok(unsafe { std::ptr::read_volatile(nowhere) }.to_string())
}
