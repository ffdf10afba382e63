//! `[rds]` of `host.toml`: the frontend's listener, and the installation that
//! it belongs to.

use std::net::SocketAddr;
use std::time::Duration;

use super::{RDS_ADDRESS, SPOOL_BYTES_MAX, listen};
use crate::config::source::Section;
use crate::frontend::rds::{Installation, OnFailure};

/// What the section says.
pub(super) struct Rds {
    pub(super) listen: SocketAddr,
    pub(super) spool_bytes_max: u64,
    pub(super) installation: Installation,
    pub(super) redirect_uri: String,
}

pub(super) fn read(file: &mut Section<'_>) -> Rds {
    let mut rds = Rds {
        listen: RDS_ADDRESS,
        spool_bytes_max: SPOOL_BYTES_MAX,
        installation: Installation::default(),
        redirect_uri: String::new(),
    };
    let Some(mut section) = file.section("rds") else {
        return rds;
    };
    rds.listen = listen(Some(&mut section)).unwrap_or(RDS_ADDRESS);
    section.set("spool_bytes_max", &mut rds.spool_bytes_max);
    let installation = &mut rds.installation;
    installation.token_storage = section.form("token_storage");
    installation.port_service = section.form("port_service");
    rds.redirect_uri = section.text("redirect_uri").unwrap_or_default();
    if let Some(mut section) = section.section("registration") {
        milliseconds(&mut section, &mut installation.registration_timeout);
        let on_failure = section.choice("on_failure", |text| match text {
            "retry" => Some(OnFailure::Retry),
            "exit" => Some(OnFailure::Exit),
            _ => None,
        });
        installation.on_failure = on_failure.unwrap_or_default();
    }
    if let Some(mut section) = section.section("lookup") {
        milliseconds(&mut section, &mut installation.lookup_timeout);
    }
    rds
}

fn milliseconds(section: &mut Section<'_>, timeout: &mut Duration) {
    if let Some(milliseconds) = section.count("timeout_ms") {
        *timeout = Duration::from_millis(milliseconds);
    }
}
