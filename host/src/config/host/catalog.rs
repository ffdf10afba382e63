//! `[persistence]`, `[retention]` and `[admission]` of `host.toml`: where
//! durable state is kept, for how long, and what a component may cost before
//! it is known.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::state_directory;
use crate::config::reading::Reading;
use crate::config::source::Section;
use crate::limits::AdmissionLimits;
use crate::persistence::{Persistence, Retention};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// In the state directory.
const FILE: &str = "tenon.db";

/// The catalog's settings.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// `sqlite:<path>` or `postgres://…`, which may hold a password.
    pub database: SecretString,
    /// What a clean-up leaves.
    pub retention: Retention,
    /// What admission may cost.
    pub admission: AdmissionLimits,
    /// Whether only components with a verified signature are admitted.
    pub signed_only: bool,
}

impl Catalog {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.database.expose_secret() == other.database.expose_secret()
            && self.retention == other.retention
            && self.admission == other.admission
            && self.signed_only == other.signed_only
    }
}

pub(super) fn read(
    file: &mut Section<'_>,
    reading: Reading<'_>,
    cache: Option<&Path>,
) -> Option<Catalog> {
    let mut admission = AdmissionLimits::default();
    let mut signed_only = false;
    if let Some(mut section) = file.section("admission") {
        section.set("component_bytes", &mut admission.component_bytes);
        section.set("compile_ms", &mut admission.compile_ms);
        section.set("compile_memory_bytes", &mut admission.compile_memory_bytes);
        signed_only = section.get("signed_only").unwrap_or_default();
    }
    let database = database(file, reading, cache);
    let retention = retention(file);
    Some(Catalog {
        database: database?,
        retention,
        admission,
        signed_only,
    })
}

fn database(
    file: &mut Section<'_>,
    reading: Reading<'_>,
    cache: Option<&Path>,
) -> Option<SecretString> {
    let mut section = file.section("persistence");
    let entry = section.as_mut().and_then(|section| section.take("url"));
    let place = entry.as_ref().map(|entry| entry.place.clone());
    let url = entry.and_then(|entry| entry.text_or_empty());
    let url = match url.filter(|url| !url.is_empty()) {
        Some(url) => url,
        // Without a place for state, the compiled plugins' has to do; that
        // neither is known is said there.
        None => {
            let state = state_directory(reading).or_else(|| cache.map(Path::to_owned));
            Persistence::url_of(&state?.join(FILE))
        }
    };
    match url.strip_prefix("sqlite:") {
        // Relative to the configuration, like every other path.
        Some(path) if !path.starts_with(':') => {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = path.split('?').next().unwrap_or(path);
            Some(Persistence::url_of(&reading.path(path)).into())
        }
        None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Some(url.into())
        }
        _ => {
            // Never quoted: it may hold a password.
            if let Some(place) = place {
                place.problem("expected `sqlite:<path>` or `postgres://…`");
            }
            None
        }
    }
}

fn retention(file: &mut Section<'_>) -> Retention {
    let mut retention = Retention::default();
    let Some(mut section) = file.section("retention") else {
        return retention;
    };
    section.set("versions", &mut retention.versions);
    let days = |days: u32| DAY.saturating_mul(days);
    if let Some(events) = section.count("events_days") {
        retention.events = days(events);
    }
    if let Some(components) = section.count("components_days") {
        retention.components = days(components);
    }
    section.set("failures", &mut retention.failures_max);
    if let Some(failures) = section.count("failures_days") {
        retention.failures = days(failures);
    }
    retention
}
