//! `[sqapi]` of `host.toml`: the listener that pipelines share.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::listen;
use crate::config::source::Section;

/// sqAPI's own port. sqAPI contract, section 11.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

pub(super) fn read(file: &mut Section<'_>) -> SocketAddr {
    let mut section = file.section("sqapi");
    listen(section.as_mut()).unwrap_or(ADDRESS)
}
