//! The configuration directory, read and checked as a whole.
//!
//! ```text
//! host.toml               listeners, telemetry, engine, defaults
//! connectors/<name>.toml  one configured plugin each
//! sqapi/<name>.toml       one pipeline each
//! tenants/<name>.toml     what a tenant's connectors share
//! ```
//!
//! A raw form becomes a checked one, in the types of the modules that use it.
//! Everything that is wrong is reported at once, with file, line and key, and
//! nothing binds, connects or compiles before all of it has passed. Only the
//! composition root knows this module.

mod alone;
mod claims;
mod component;
mod connector;
mod convert;
mod fingerprint;
mod grants;
mod host;
mod limits;
mod links;
mod origin;
mod pipelines;
mod problem;
mod rds;
mod reading;
mod registration;
mod secret;
mod source;
mod sqapi;
mod text;

pub use component::{Offer, Source};
pub use connector::{Connector, Frontend};
pub use convert::{Converted, Import};
pub use fingerprint::Fingerprint;
pub use host::{ADMIN_ADDRESS, Host};
pub use problem::{PluginProblems, Problem, Problems};
pub use rds::Rds;
pub use sqapi::Pipeline;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use self::claims::Claims;
use self::fingerprint::Reads;
use self::links::Links;
use self::problem::Report;
use self::reading::{Environment, Reading};
use self::source::Section;
use crate::label::is_label;
use crate::limits::TenantLimits;

const HOST_FILE: &str = "host.toml";

/// A configuration that has passed every check.
#[derive(Debug)]
pub struct Config {
    /// Where it was read from.
    pub directory: PathBuf,
    /// Settings of the process.
    pub host: Host,
    /// All connectors, by the names of their files.
    pub connectors: Vec<Connector>,
    /// All pipelines, by the names of their files.
    pub pipelines: Vec<Pipeline>,
    /// Limits of tenants, by name.
    pub tenants: BTreeMap<String, TenantLimits>,
    /// What is wrong with plugin files. It matters to connectors that have
    /// nothing else to run.
    pub plugin_problems: PluginProblems,
    /// What means nothing, and stops nobody.
    pub warnings: Vec<Problem>,
    /// Directories in which a changed file may change all this.
    pub watched: BTreeSet<PathBuf>,
}

impl Config {
    /// Reads and checks a configuration directory.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it.
    pub fn load(directory: &Path) -> Result<Self, Problems> {
        Self::load_in(directory, &|name| std::env::var(name).ok())
    }

    /// The same in another environment than the process's.
    ///
    /// # Errors
    ///
    /// As for [`Config::load`].
    pub fn load_in(directory: &Path, environment: Environment<'_>) -> Result<Self, Problems> {
        let report = Report::default();
        let folders = ["", "connectors", "sqapi", "tenants"].map(|folder| directory.join(folder));
        let watched = RefCell::new(BTreeSet::from(folders));
        let config = read(Reading {
            directory,
            environment,
            report: &report,
            watched: &watched,
            reads: None,
            origins: None,
            offers: &RefCell::default(),
            optional: false,
        });
        let warnings = report.take_warnings();
        let (config, plugin_problems) = report.conclude(config)?;
        Ok(Self {
            plugin_problems,
            warnings,
            watched: watched.into_inner(),
            ..config
        })
    }

    /// Writes to the log what it warns of.
    pub fn log_warnings(&self) {
        for warning in &self.warnings {
            tracing::warn!("{warning}");
        }
    }

    /// Reads and checks one, where a plugin file counts like everything else.
    ///
    /// # Errors
    ///
    /// As for [`Config::load`].
    pub fn check(directory: &Path) -> Result<Self, Problems> {
        let mut config = Self::load(directory)?;
        match std::mem::take(&mut config.plugin_problems).into_all() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(Problems::new(problems)),
        }
    }

    /// Forgets the bytes of plugin files, once they were offered: they are in the
    /// catalog, or in the files still.
    pub fn forget_offers(&mut self) {
        for connector in &mut self.connectors {
            connector.offer = None;
        }
    }
}

fn read(reading: Reading<'_>) -> Option<Config> {
    let host = read_file(reading, HOST_FILE)
        .and_then(|text| Host::read(Section::of_file(reading, HOST_FILE, &text)));
    let mut tenants = BTreeMap::new();
    for (name, file, text) in read_files(reading, "tenants") {
        let mut section = Section::of_file(reading, &file, &text);
        if is_label(&name) {
            let limits = limits::of_tenant(section.section("limits"));
            tenants.insert(name, limits);
        } else {
            section
                .place
                .problem(format_args!("`{name}` is no name for a tenant"));
        }
    }
    let own = host
        .iter()
        .flat_map(|host| [host.rds, host.admin, host.sqapi]);
    let mut claims = Claims::new(tenants, own);
    let mut connectors = Vec::new();
    let mut links = Links::default();
    for (stem, file, text) in read_files(reading, "connectors") {
        let reads = Reads::new(&file, &text, host.as_ref());
        let reading = Reading {
            reads: Some(&reads),
            ..reading
        };
        let section = Section::of_file(reading, &file, &text);
        let host = host.as_ref();
        let connector = Connector::read(section, &stem, host, &mut claims, &mut links, &reads);
        connectors.extend(connector);
    }
    let files = read_files(reading, "sqapi");
    let pipelines = pipelines::read(
        reading,
        files,
        host.as_ref(),
        &mut claims,
        &mut links,
        &mut connectors,
    );
    links.check(reading.report, &claims, &connectors);
    Some(Config {
        directory: reading.directory.to_owned(),
        host: host?,
        connectors,
        pipelines,
        tenants: claims.into_tenants(),
        plugin_problems: PluginProblems::default(),
        warnings: Vec::new(),
        watched: BTreeSet::new(),
    })
}

fn read_file(reading: Reading<'_>, file: &str) -> Option<String> {
    let read = fs::read_to_string(reading.path(file));
    read.map_err(|error| reading.problem(file, error)).ok()
}

/// Stem, path and text of every `.toml` in a folder, in order of their names.
/// A missing folder is an empty one.
fn read_files(reading: Reading<'_>, folder: &str) -> Vec<(String, String, String)> {
    let mut names = match list(&reading.path(folder)) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            reading.problem(folder, error);
            return Vec::new();
        }
    };
    names.sort();
    let read = |name: String| {
        // Names with a dot in front are editors' and Kubernetes' own.
        let stem = name
            .strip_suffix(".toml")
            .filter(|stem| !stem.starts_with('.'))?;
        let file = format!("{folder}/{name}");
        let text = read_file(reading, &file)?;
        Some((stem.to_owned(), file, text))
    };
    names.into_iter().filter_map(read).collect()
}

fn list(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
