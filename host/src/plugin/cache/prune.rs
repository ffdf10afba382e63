//! Keeps the directory from growing for ever.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{ARTEFACT, KEY, TAG};

/// What becomes of an artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Stay,
    /// It goes when it was not used for long.
    Age,
    /// It goes.
    Remove,
}

/// Removes files; how many artefacts were among them. `fate` judges artefacts
/// by name without the extension; whatever else lies around ages.
pub(super) fn prune(
    directory: &Path,
    older_than: Duration,
    fate: impl Fn(&str) -> Option<Fate>,
) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if !path.is_file() || path.file_name().is_some_and(|name| name == KEY) {
            continue;
        }
        let is_a = |extension| path.extension().is_some_and(|found| found == extension);
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let fate = match name {
            Some(name) if is_a(ARTEFACT) => fate(name).unwrap_or(Fate::Age),
            // It goes with its artefact. One just written may wait for its own.
            Some(_) if is_a(TAG) && path.with_extension(ARTEFACT).exists() => Fate::Stay,
            _ => Fate::Age,
        };
        if fate == Fate::Remove || (fate == Fate::Age && age(&path)? >= older_than) {
            remove(&path)?;
            if is_a(ARTEFACT) {
                remove(&path.with_extension(TAG))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// Time since it was last used or written; none when it is gone already.
fn age(path: &Path) -> io::Result<Duration> {
    match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Ok(modified) => Ok(SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Duration::ZERO),
        Err(error) => Err(error),
    }
}

/// Another host may share the directory and have been faster.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
