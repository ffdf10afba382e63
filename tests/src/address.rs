//! Addresses for the servers of the suites.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

const PORT_FIRST: u16 = 20_000;

/// An address that nothing listens on and that nobody else is given.
///
/// All of 127.0.0.0/8 is this machine, so every process of tests gets an
/// address of its own, and counts through its ports. A port that the system
/// had picked and taken back could be somebody else's a moment later.
pub fn unused() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(PORT_FIRST);
    // Process numbers have 22 bits.
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let machine = Ipv4Addr::new(127, 64 | high, middle, low);
    SocketAddr::from((machine, NEXT.fetch_add(1, Ordering::Relaxed)))
}
