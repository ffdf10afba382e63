//! What reading a configuration needs besides its text.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::component::Offer;
use super::fingerprint::Reads;
use super::origin::Origins;
use super::problem::{Problem, Report};

/// Looks up an environment variable.
pub(super) type Environment<'c> = &'c dyn Fn(&str) -> Option<String>;

/// Plugin files by path, or why they cannot be read.
pub(super) type Offers = HashMap<PathBuf, Result<Arc<Offer>, String>>;

/// What reading needs besides the text.
#[derive(Clone, Copy)]
pub(super) struct Reading<'c> {
    pub(super) directory: &'c Path,
    pub(super) environment: Environment<'c>,
    pub(super) report: &'c Report,
    pub(super) watched: &'c RefCell<BTreeSet<PathBuf>>,
    /// Where what is read for a connector is noted.
    pub(super) reads: Option<&'c Reads>,
    /// Plugin files read so far.
    pub(super) offers: &'c RefCell<Offers>,
    /// Where the text comes from that is read, if it was translated.
    pub(super) origins: Option<&'c Origins>,
    /// Whether a variable that is not set is no mistake, because what it
    /// belongs to is not in use.
    pub(super) optional: bool,
}

impl Reading<'_> {
    /// A variable that says something. Deployment charts pass empty strings
    /// for what was left out.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.set_variable(name).filter(|value| !value.is_empty())
    }

    /// A variable that is set, be it to nothing.
    pub(super) fn set_variable(&self, name: &str) -> Option<String> {
        let value = (self.environment)(name);
        // One that is not set is not one that is set to nothing.
        self.note(
            name,
            value
                .as_ref()
                .map_or_else(String::new, |value| format!("={value}")),
        );
        value
    }

    /// Notes what was read for a connector, so that a change of it shows.
    pub(super) fn note(&self, name: &str, found: impl AsRef<[u8]>) {
        if let Some(reads) = self.reads {
            reads.note(name, found);
        }
    }

    /// A path of the configuration, relative to its directory.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Notes a directory whose files the configuration depends on.
    pub(super) fn watch(&self, directory: &Path) {
        self.watched.borrow_mut().insert(directory.to_owned());
    }

    /// Notes a problem of a file as such.
    pub(super) fn problem(&self, file: &str, message: impl Display) {
        self.report.add(of_file(file, message));
    }

    /// Notes something of a file that means nothing.
    pub(super) fn warn(&self, file: &str, message: impl Display) {
        self.report.warn(of_file(file, message));
    }
}

fn of_file(file: &str, message: impl Display) -> Problem {
    Problem {
        file: file.to_owned(),
        line: None,
        column: None,
        key: String::new(),
        message: message.to_string(),
    }
}
