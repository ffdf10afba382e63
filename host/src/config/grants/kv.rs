//! `[[grants.kv]]`: key-value stores.

use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::name;
use super::url::url;
use crate::capability::http::Certificates;
use crate::capability::kv::{Access, Grant, Grants, Redis, Settings, Target};
use crate::config::secret::secret;
use crate::config::source::{Entry, Section};

pub(super) fn add(mut section: Section<'_>, certificates: &Certificates, grants: &mut Grants) {
    let name = name(&mut section, |name| match grants.contains(name) {
        true => Err("granted twice"),
        false => Ok(()),
    });
    let place = section.place.clone();
    let access = section.choice("access", |text| match text {
        "read-only" => Some(Access::ReadOnly),
        "read-write" => Some(Access::ReadWrite),
        _ => None,
    });
    let timeout = section.count("timeout_ms");
    let target = match section.take("url") {
        Some(entry) => of_url(entry, certificates),
        None => of_parts(&mut section, certificates),
    };
    let (Some(name), Some(target)) = (name, target) else {
        return;
    };
    let mut settings = Settings::new(target);
    settings.access = access.unwrap_or_default();
    if let Some(timeout) = timeout {
        settings.timeout = Duration::from_millis(timeout);
    }
    if let Some(grant) = place.check(Grant::new(settings)) {
        grants.insert(name, grant);
    }
}

fn of_url(entry: Entry<'_>, certificates: &Certificates) -> Option<Target> {
    let place = entry.place.clone();
    let url = url(entry)?;
    if let Some(path) = url.expose_secret().strip_prefix("embedded:") {
        if path.is_empty() {
            place.problem("expected `embedded:<path>`");
            return None;
        }
        // Relative to the configuration, like every other path.
        return Some(Target::Embedded(place.reading.path(path)));
    }
    place.check(Target::redis(&url, certificates.clone()))
}

/// A database of Redis, part by part.
fn of_parts(section: &mut Section<'_>, certificates: &Certificates) -> Option<Target> {
    if !section.has("host") {
        section.missing("url");
    }
    let host = section.form::<String>("host");
    let port = section.count::<u16>("port");
    let database = section.get::<u16>("database");
    let username = section.form::<String>("username");
    let password = section.take("password").map(secret);
    let tls = section.take("tls").and_then(Entry::boolean);
    let mut server = Redis::new(host?, certificates.clone());
    server.port = port.unwrap_or(server.port);
    server.database = database.unwrap_or_default();
    server.username = username;
    server.password = match password {
        // One that cannot be had was reported.
        Some(password) => Some(password?),
        None => None,
    };
    server.tls = tls.unwrap_or_default();
    Some(Target::Redis(Box::new(server)))
}
