//! `[[grants.sql]]`: databases.

use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::name;
use super::url::url;
use crate::capability::http::Certificates;
use crate::capability::sql::{Access, Grant, Grants, Settings, Target, Tls};
use crate::config::secret::secret;
use crate::config::source::{Entry, Section};

const PORT: u16 = 5432;

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
    let connections_max = section.count("connections_max");
    let connect_timeout = section.count("connect_timeout_ms");
    let statement_timeout = section.count("statement_timeout_ms");
    let target = match section.take("url") {
        Some(entry) => of_url(entry, certificates),
        None => of_parts(&mut section, certificates),
    };
    let (Some(name), Some(target)) = (name, target) else {
        return;
    };
    let mut settings = Settings::new(target);
    settings.access = access.unwrap_or_default();
    settings.connections_max = connections_max.unwrap_or(settings.connections_max);
    if let Some(timeout) = connect_timeout {
        settings.connect_timeout = Duration::from_millis(timeout);
    }
    if let Some(timeout) = statement_timeout {
        settings.statement_timeout = Duration::from_millis(timeout);
    }
    if let Some(grant) = place.check(Grant::new(settings)) {
        grants.insert(name, grant);
    }
}

fn of_url(entry: Entry<'_>, certificates: &Certificates) -> Option<Target> {
    let place = entry.place.clone();
    let url = url(entry)?;
    if let Some(path) = url.expose_secret().strip_prefix("sqlite:") {
        // Relative to the configuration, like every other path.
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') {
            place.problem("expected `sqlite:<path>`");
            return None;
        }
        return Some(Target::Sqlite(place.reading.path(path)));
    }
    place.check(Target::postgres(&url, certificates.clone()))
}

/// A database of PostgreSQL, part by part.
fn of_parts(section: &mut Section<'_>, certificates: &Certificates) -> Option<Target> {
    if !section.has("host") {
        section.missing("url");
    }
    let host = section.form::<String>("host");
    let port = section.count::<u16>("port").unwrap_or(PORT);
    let user = section.form::<String>("user");
    let password = section.take("password").map(secret);
    let database = section.form::<String>("database");
    let tls = section.choice("tls", Tls::of).unwrap_or_default();
    let place = section.place.clone();
    if host.is_some() {
        let parts = [("user", &user), ("database", &database)];
        for (key, _) in parts.into_iter().filter(|(_, part)| part.is_none()) {
            section.missing(key);
        }
    }
    // One that cannot be had was reported.
    let password = match password {
        Some(password) => Some(password?),
        None => None,
    };
    let password = password.as_ref();
    let certificates = certificates.clone();
    place.check(Target::of_parts(
        &host?,
        port,
        &user?,
        password,
        &database?,
        tls,
        certificates,
    ))
}
