//! Granted directories.

use super::{bindings::connector::files, stream::Input};
use crate::{
    Path, Result,
    files::{Item, Status},
};

pub(crate) fn stat(root: &str, path: &Path) -> Result<Status> {
    Ok(files::stat(root, path.as_str())?.into())
}

pub(crate) fn list(root: &str, path: &Path, after: Option<&str>, max: u32) -> Result<Vec<Item>> {
    let items = files::list(root, path.as_str(), after, max)?;
    Ok(items
        .into_iter()
        .map(|item| Item {
            name: item.name,
            status: item.status.into(),
        })
        .collect())
}

pub(crate) fn open(root: &str, path: &Path, offset: u64) -> Result<(Status, Input<'static>)> {
    let (status, stream) = files::open(root, path.as_str(), offset)?;
    Ok((status.into(), Input::owned(stream)))
}

pub(crate) fn write(
    root: &str,
    path: &Path,
    size: Option<u64>,
    content: &mut Input<'_>,
) -> Result<Status> {
    Ok(files::write(root, path.as_str(), size, content.stream())?.into())
}

pub(crate) fn create_folder(root: &str, path: &Path) -> Result<()> {
    Ok(files::create_folder(root, path.as_str())?)
}

pub(crate) fn rename(root: &str, from: &Path, to: &Path) -> Result<()> {
    Ok(files::rename(root, from.as_str(), to.as_str())?)
}

pub(crate) fn remove(root: &str, path: &Path) -> Result<()> {
    Ok(files::remove(root, path.as_str())?)
}

impl From<files::Status> for Status {
    fn from(status: files::Status) -> Self {
        Self {
            folder: status.folder,
            size: status.size,
            etag: status.etag,
        }
    }
}
