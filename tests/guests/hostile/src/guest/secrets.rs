//! Credentials, and what a warm sandbox remembers of them.

use std::sync::Mutex;

use super::bindings::tenon::connector::secret;
use super::{Deed, Result, network};

pub(super) const DEEDS: &[Deed] = &[
    ("placeholder", |name| secret::placeholder(name)),
    ("reveal", |name| secret::reveal(name)),
    ("remember", remember),
    ("authorized", authorized),
    ("replay", replay),
];

static REMEMBERED: Mutex<String> = Mutex::new(String::new());

fn remember(name: &str) -> Result<String> {
    let placeholder = secret::placeholder(name)?;
    let mut remembered = REMEMBERED.lock().unwrap_or_else(|e| e.into_inner());
    remembered.clone_from(&placeholder);
    Ok(placeholder)
}

/// Asks with the caller's credential.
fn authorized(url: &str) -> Result<String> {
    let placeholder = secret::placeholder("caller")?;
    network::get(url, &[("authorization", &placeholder)])
}

/// Asks with the placeholder of an earlier call.
fn replay(url: &str) -> Result<String> {
    let remembered = REMEMBERED.lock().unwrap_or_else(|e| e.into_inner());
    network::get(url, &[("authorization", &remembered)])
}
