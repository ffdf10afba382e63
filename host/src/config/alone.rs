//! One connector's file by itself, for whoever tries a plugin without a host
//! around it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use super::claims::Claims;
use super::connector::Connector;
use super::host::Host;
use super::problem::{Problem, Problems, Report};
use super::source::{Reading, Section};

/// What the connector is called when nothing else names it.
const STEM: &str = "plugin";

impl Connector {
    /// Reads and checks the file of a connector that is to run `component`,
    /// whatever its `plugin` says. Paths in it are relative to its folder, and
    /// everything a host would set has its default. What the connector spools
    /// goes to `scratch`.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it.
    pub fn alone(file: &Path, component: &Path, scratch: &Path) -> Result<Self, Problems> {
        let report = Report::default();
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| {
            report.add(Problem {
                file: name.clone(),
                line: None,
                key: String::new(),
                message: error.to_string(),
            });
            String::new()
        });
        let watched = RefCell::new(BTreeSet::new());
        let reading = Reading {
            directory: file.parent().unwrap_or(Path::new(".")),
            environment: &|name| std::env::var(name).ok(),
            report: &report,
            watched: &watched,
            optional: false,
        };
        let component = std::path::absolute(component).unwrap_or_else(|_| component.to_owned());
        let scratch = toml::Value::String(scratch.display().to_string());
        let host = format!("[plugins]\ncache = {scratch}\n[scratch]\ndirectory = {scratch}\n");
        let connector =
            Host::read(Section::of_file(reading, "host.toml", &host)).and_then(|host| {
                let mut claims = Claims::new(std::collections::BTreeMap::new(), []);
                let mut section = Section::of_file(reading, &name, &text);
                section.put("plugin", component.display().to_string());
                Self::read(section, STEM, Some(&host), &mut claims)
            });
        report.conclude(connector)
    }
}
