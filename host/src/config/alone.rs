//! One connector's file by itself, for whoever writes its plugin: no host.toml,
//! no neighbours, and the component at hand in the place of the one it names.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::claims::Claims;
use super::host::Host;
use super::problem::Report;
use super::source::{Environment, Reading, Section};
use super::{Connector, Problems};
use crate::limits::TenantLimits;

/// The name under which problems of the settings that no file makes show up.
const DEFAULTS: &str = "host.toml";
/// The name of the connector that has no file.
const NO_FILE: &str = "none";

impl Connector {
    /// Reads and checks one connector's file with the defaults of a host; no
    /// file is an empty one. Paths are relative to the file's folder.
    /// `component` is taken for the file's `plugin`, its tenant for one that
    /// exists, and a connector that is switched off is read all the same.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it, imports of the component
    /// that it does not grant among them.
    pub fn load_alone(file: Option<&Path>, component: &Path) -> Result<Self, Problems> {
        Self::load_alone_in(file, component, &|name| std::env::var(name).ok())
    }

    fn load_alone_in(
        file: Option<&Path>,
        component: &Path,
        environment: Environment<'_>,
    ) -> Result<Self, Problems> {
        let report = Report::default();
        let watched = RefCell::new(BTreeSet::new());
        let reading = Reading {
            directory: file.and_then(Path::parent).unwrap_or(Path::new("")),
            environment,
            report: &report,
            watched: &watched,
            optional: false,
        };
        let connector = read(reading, file, component);
        report.conclude(connector)
    }
}

fn read(reading: Reading<'_>, file: Option<&Path>, component: &Path) -> Option<Connector> {
    let file = file.unwrap_or(Path::new(NO_FILE));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let refuse = |error: io::Error| reading.problem(&name, error);
    let text = match file.to_str() {
        Some(NO_FILE) => String::new(),
        _ => fs::read_to_string(file).map_err(refuse).ok()?,
    };
    let component = std::path::absolute(component).map_err(refuse).ok()?;
    if component
        .extension()
        .is_none_or(|extension| extension != "wasm")
    {
        let message = format!("{}: a component's name ends in .wasm", component.display());
        reading.problem(&name, message);
        return None;
    }
    let host = Host::read(Section::of_file(reading, DEFAULTS, ""));
    let mut section = Section::of_file(reading, &name, &text);
    section.put("plugin", component.to_string_lossy().into_owned());
    section.take("enabled");
    let mut claims = Claims::new(tenants(&text), []);
    Connector::read(section, &stem, host.as_ref(), &mut claims)
}

/// The tenant it names, which has no file here.
fn tenants(text: &str) -> BTreeMap<String, TenantLimits> {
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let tenant = table.get("tenant").and_then(toml::Value::as_str);
    let tenants = tenant.map(|tenant| (tenant.to_owned(), TenantLimits::default()));
    tenants.into_iter().collect()
}
