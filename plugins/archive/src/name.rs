//! What a file of a project may be called. A file's id is its name.

use std::fmt;

use tenon_sdk::{Error, Path, Result};

use crate::document;

/// Bytes of a segment, as file systems have it.
const SEGMENT_MAX: usize = 255;
/// Bytes of a name. With the folders above it, it stays far below what a kernel takes as a path.
const NAME_MAX: usize = 2048;
/// Folders in folders. A listing goes as deep.
const DEPTH_MAX: usize = 100;

/// The name of a file in a project: what is asked for, below `data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName(Path);

impl FileName {
    /// The name of a file to be stored. Dots, spaces and every script are welcome; not what could
    /// not be listed afterwards, or not be written into a manifest of lines.
    pub(crate) fn to_write(path: &Path) -> Result<Self> {
        check(path).map_err(|reason| Error::invalid(reason).about(path.as_str()))?;
        Ok(Self(path.clone()))
    }

    /// The name of a file that may be there. Text that is no name names nothing.
    pub(crate) fn to_find(id: &str) -> Result<Self> {
        let path = Path::new(id).ok().filter(|path| path.as_str() == id);
        let path = path.filter(|path| check(path).is_ok());
        path.map(Self).ok_or_else(|| missing(id))
    }

    /// Whether it is that of the crate document.
    pub(crate) fn is_document(&self) -> bool {
        self.0.as_str() == document::NAME
    }

    /// Relative to the project's data.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The error of there being no such file.
    pub(crate) fn missing(&self) -> Error {
        missing(self.0.as_str())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn missing(id: &str) -> Error {
    Error::not_found("the project has no such file").about(id)
}

/// Why a path is no name for a file.
pub(crate) fn check(path: &Path) -> Result<(), &'static str> {
    if path.is_root() {
        return Err("a file needs a name");
    }
    if path.as_str().len() > NAME_MAX {
        return Err("a file's name is longer than 2048 bytes");
    }
    if path.as_str().contains(char::is_control) {
        return Err("a file's name holds a control character");
    }
    if path.segments().count() > DEPTH_MAX {
        return Err("a file is nested deeper than 100 folders");
    }
    for segment in path.segments() {
        if segment.len() > SEGMENT_MAX {
            return Err("a part of a file's name is longer than 255 bytes");
        }
        // The host's own while it writes; it lists none of them.
        if segment.starts_with(".tenon-") && segment.ends_with(".partial") {
            return Err("the name is reserved for files that are being written");
        }
    }
    Ok(())
}
