//! Which plugins there are, and which of them run. sqAPI contract, sections
//! 2.2, 4.2 and 10.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::field::{Field, Scalar};
use super::topics::{File, Topics};
use crate::config::reading::Reading;

/// The file that makes a folder a plugin's.
const FILE: &str = "config.yml";

/// A plugin that runs.
pub(super) struct Plugin {
    pub(super) name: String,
    /// What its own file says; none where plugins have no folders.
    pub(super) file: Option<File>,
    pub(super) folder: Option<PathBuf>,
}

/// The plugins that run: the one that `PLUGIN` names, or those of
/// `active_plugins`, or all, without those of `disabled_plugins`.
pub(super) fn selected(
    reading: Reading<'_>,
    topics: &mut Topics<'_>,
    directory: Option<&Path>,
) -> Vec<Plugin> {
    let listed = |field: Option<Field<'_>>| -> Vec<Scalar> {
        let items = field.map(Field::items).unwrap_or_default();
        items.into_iter().filter_map(Field::text).collect()
    };
    // Nothing as a list is none, as if it were left out.
    topics.ignore(&["active_plugins", "disabled_plugins"]);
    let active = listed(topics.take_list("active_plugins"));
    let disabled = listed(topics.take_list("disabled_plugins"));
    let only = reading.variable("PLUGIN");
    let names = match directory {
        Some(directory) => folders(reading, directory),
        // Without folders, plugins are known by being named.
        None => {
            let active = active.iter().map(|name| name.text.clone());
            active.chain(only.clone()).collect()
        }
    };
    let known = || {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        names.join("`, `")
    };
    for name in active.iter().filter(|name| !names.contains(&name.text)) {
        let message = format!("no plugin `{}`; there are `{}`", name.text, known());
        name.problem(reading, message);
    }
    for name in disabled.iter().filter(|name| !names.contains(&name.text)) {
        name.warn(reading, format_args!("no plugin `{}`", name.text));
    }
    if let Some(only) = only.as_ref().filter(|only| !names.contains(*only)) {
        let message = format!("no plugin `{only}`; there are `{}`", known());
        reading.problem("PLUGIN", message);
    }
    let is_in = |list: &[Scalar], name: &String| list.iter().any(|listed| listed.text == *name);
    let runs = |name: &String| match &only {
        Some(only) => name == only,
        None => (active.is_empty() || is_in(&active, name)) && !is_in(&disabled, name),
    };
    let names: Vec<_> = names.iter().filter(|name| runs(name)).cloned().collect();
    let plugin = |name: String| {
        let folder = directory.map(|directory| directory.join(&name));
        let file = match &folder {
            None => None,
            Some(folder) => {
                let path = folder.join(FILE);
                Some(File::read(reading, &path, &path.display().to_string())?)
            }
        };
        Some(Plugin { name, file, folder })
    };
    names.into_iter().filter_map(plugin).collect()
}

/// Folders with the file, by their exact names.
fn folders(reading: Reading<'_>, directory: &Path) -> BTreeSet<String> {
    reading.watch(directory);
    let shown = directory.display().to_string();
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            reading.problem(&shown, error);
            return BTreeSet::new();
        }
    };
    let mut names = BTreeSet::new();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_hidden = name.starts_with('.') || name.starts_with("__");
        if is_hidden || !entry.path().is_dir() {
            continue;
        }
        if entry.path().join(FILE).is_file() {
            names.insert(name);
        } else {
            reading.warn(
                &entry.path().display().to_string(),
                "no plugin: has no config.yml",
            );
        }
    }
    names
}
