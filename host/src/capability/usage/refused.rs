//! The hosts that a guest asked for and no grant names.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::count::now;
use crate::capability::log::printable;

/// Hosts that are remembered: enough to see what a plugin is after.
const HOSTS_MAX: usize = 16;
/// Longest origin kept. A host name has at most 253 characters.
const ORIGIN_BYTES_MAX: usize = 280;

/// A host that was asked for and not granted, in the guest's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedHost {
    /// Scheme, host and port, cut when it is too long to be one.
    pub origin: String,
    /// How often it was asked for since it is remembered.
    pub times: u64,
    /// When last, in milliseconds since 1970.
    pub last: i64,
}

/// The last few different ones, the latest at the end. A refused request is
/// no hot path, and a call makes only so many: a lock does.
#[derive(Debug, Default)]
pub(super) struct Refused(Mutex<VecDeque<RefusedHost>>);

impl Refused {
    pub(super) fn add(&self, uri: &Uri) {
        let origin = origin(uri);
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts.iter().position(|host| host.origin == origin);
        let known = known.and_then(|place| hosts.remove(place));
        if known.is_none() && hosts.len() == HOSTS_MAX {
            hosts.pop_front();
        }
        hosts.push_back(RefusedHost {
            origin,
            times: known.map_or(0, |host| host.times) + 1,
            last: now(),
        });
    }

    /// The latest first.
    pub(super) fn get(&self) -> Vec<RefusedHost> {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.iter().rev().cloned().collect()
    }
}

/// Neither user nor path: credentials live there.
fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().map(|port| format!(":{port}"));
    let text = format!("{scheme}://{host}{}", port.unwrap_or_default());
    printable(&text, ORIGIN_BYTES_MAX).into_owned()
}
