//! One connector's file by itself, for whoever writes its plugin: no host.toml,
//! no neighbours, and the component at hand in the place of the one it names.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::claims::Claims;
use super::fingerprint::Reads;
use super::host::Host;
use super::links::Links;
use super::problem::Report;
use super::reading::Reading;
use super::source::Section;
use super::{Connector, Problems};
use crate::limits::TenantLimits;

/// What the connector that has no file is called.
const NO_FILE: &str = "none";

impl Connector {
    /// Reads and checks the file of a connector that is to run `component`,
    /// whatever its `plugin` says; no file is an empty one. Paths in it are
    /// relative to its folder, and everything a host would set has its default.
    /// Its tenant is taken for one that exists, and a connector that is
    /// switched off is read all the same. What it spools goes to `scratch`.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it, imports of the component
    /// that it does not grant among them.
    pub fn alone(file: Option<&Path>, component: &Path, scratch: &Path) -> Result<Self, Problems> {
        let report = Report::default();
        let watched = RefCell::new(BTreeSet::new());
        let reading = Reading {
            directory: file.and_then(Path::parent).unwrap_or(Path::new("")),
            environment: &|name| std::env::var(name).ok(),
            report: &report,
            watched: &watched,
            offers: &RefCell::default(),
            reads: None,
            origins: None,
            optional: false,
        };
        let connector = read(reading, file, component, scratch);
        let (connector, of_plugin) = report.conclude(connector)?;
        match of_plugin.into_all() {
            problems if problems.is_empty() => Ok(connector),
            problems => Err(Problems::new(problems)),
        }
    }
}

fn read(
    reading: Reading<'_>,
    file: Option<&Path>,
    component: &Path,
    scratch: &Path,
) -> Option<Connector> {
    let path = file.unwrap_or(Path::new(NO_FILE));
    let name = match file {
        Some(file) => file.display().to_string(),
        None => "(no file)".to_owned(),
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let refuse = |error: io::Error| reading.problem(&name, error);
    let text = match file {
        None => String::new(),
        Some(file) => fs::read_to_string(file).map_err(refuse).ok()?,
    };
    let component = std::path::absolute(component).map_err(refuse).ok()?;
    // Anything else would be taken for a name below the plugin directory.
    if component
        .extension()
        .is_none_or(|extension| extension != "wasm")
    {
        let message = format!("{}: a component's name ends in .wasm", component.display());
        reading.problem(&name, message);
        return None;
    }
    let scratch = toml::Value::String(scratch.display().to_string());
    let host = format!("[plugins]\ncache = {scratch}\n[scratch]\ndirectory = {scratch}\n");
    let host = Host::read(Section::of_file(reading, "host.toml", &host));
    let mut section = Section::of_file(reading, &name, &text);
    section.put("plugin", component.display().to_string());
    section.take("enabled");
    let mut claims = Claims::new(tenants(&text), []);
    let reads = Reads::new(&name, &text, host.as_ref());
    // The connectors it calls are not here.
    let mut links = Links::default();
    let host = host.as_ref();
    Connector::read(section, &stem, host, &mut claims, &mut links, &reads)
}

/// The tenant it names, which has no file here.
fn tenants(text: &str) -> BTreeMap<String, TenantLimits> {
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let tenant = table.get("tenant").and_then(toml::Value::as_str);
    let tenants = tenant.map(|tenant| (tenant.to_owned(), TenantLimits::default()));
    tenants.into_iter().collect()
}
