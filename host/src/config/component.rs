//! A connector's plugin file: is it there, and is it granted what it imports?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::grants::Present;
use super::source::Section;
use crate::plugin::manifest::{Import, Manifest, Need, Role};

/// A plugin's file.
pub(super) struct Component {
    pub(super) path: PathBuf,
    pub(super) roles: BTreeSet<Role>,
}

/// Reads `plugin`: a name below the plugin directory, or a path to a file.
pub(super) fn read(
    section: &mut Section<'_>,
    plugins: Option<&Path>,
    roles: &[Role],
    granted: Present,
) -> Option<Component> {
    let Some(entry) = section.take("plugin") else {
        section.missing("plugin");
        return None;
    };
    let place = entry.place.clone();
    let text = entry.text()?;
    let path = if Path::new(&text)
        .extension()
        .is_some_and(|extension| extension == "wasm")
    {
        place.reading.path(&text)
    } else {
        plugins?.join(format!("{text}.wasm"))
    };
    place.reading.watch(path.parent().unwrap_or(&path));
    let refuse = |why: &dyn std::fmt::Display| {
        place.problem(format_args!("{}: {why}", path.display()));
    };
    let bytes = std::fs::read(&path).map_err(|error| refuse(&error)).ok()?;
    let manifest = Manifest::read(&bytes)
        .map_err(|error| refuse(&error))
        .ok()?;
    if !roles.iter().any(|role| manifest.roles.contains(role)) {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        refuse(&format_args!(
            "plays no role that its frontend calls: `{}`",
            roles.join("`, `")
        ));
    }
    for import in &manifest.imports {
        if let Some(why) = ungranted(import, granted) {
            refuse(&format_args!("imports `{import}`, {why}"));
        }
    }
    Some(Component {
        path,
        roles: manifest.roles,
    })
}

fn ungranted(import: &Import, granted: Present) -> Option<&'static str> {
    let (is_granted, why) = match import.need() {
        Need::Nothing => return None,
        Need::Http => (granted.http, "which needs a [[grants.http]]"),
        Need::Files => (granted.files, "which needs a [[grants.files]]"),
        Need::Scratch => (granted.scratch, "which needs [grants.scratch]"),
        Need::Secret => (
            granted.secrets,
            "which needs a [[grants.secrets]] or credentials in a [[grants.http]]",
        ),
        Need::Unknown => (false, "which this host does not offer"),
    };
    (!is_granted).then_some(why)
}
