//! Granted directories of the host as a file store. The host opens, checks and moves; this
//! plugin only translates, and no byte of a file enters it.

use tenon_sdk::{
    Error, Kind, Path, Result, config, export,
    file_store::{
        Entry, FileStore, Folders, Head, Item, ListRequest, Listing, Page, Reader, Sink, walk,
    },
    files::{Root, Status},
    lifecycle::{Description, Plugin},
};

#[cfg(test)]
mod tests;

/// Items to take from the host at a time, so that a huge folder does not fill the sandbox.
const ITEMS_MAX: u32 = 1024;

/// A folder of a granted root.
#[derive(Debug)]
pub struct Disk {
    root: Root,
    prefix: Path,
}

export!(Disk: file_store);

impl Plugin for Disk {
    fn new() -> Result<Self> {
        let root = config::get("root").unwrap_or_else(|| "files".to_owned());
        let prefix = Path::new(&config::get("prefix").unwrap_or_default())?;
        Ok(Self {
            root: Root::named(root),
            prefix,
        })
    }

    fn describe() -> Description {
        Description::new("disk", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["files"])
    }

    fn check(&self) -> Result<()> {
        if self.root.stat(&self.prefix)?.folder {
            return Ok(());
        }
        Err(Error::invalid("the configured prefix is not a folder").about(self.prefix.as_str()))
    }
}

impl FileStore for Disk {
    fn list_folder(&self, request: ListRequest<'_>) -> Result<Page> {
        match walk(self, request) {
            // A file has no entries; whether it is one is asked only when listing it failed.
            Err(error) if error.kind() != Kind::NotFound => match self.stat(request.folder) {
                Ok(entry) if !entry.folder => Ok(Page::default()),
                _ => Err(error),
            },
            page => page,
        }
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        let status = self
            .root
            .stat(&self.prefix.join(path))
            .map_err(|error| error.about(path.as_str()))?;
        Ok(entry(path, status))
    }

    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()> {
        let opened = self.root.open(&self.prefix.join(path), offset);
        let (status, mut content) = opened.map_err(|error| match error.kind() {
            // Only a folder is in the way of reading.
            Kind::Conflict | Kind::Invalid => {
                Error::invalid("a folder is not a file").about(path.as_str())
            }
            _ => error.about(path.as_str()),
        })?;
        into.send(
            Head {
                etag: Some(status.etag),
                ..Head::default()
            },
            &mut content,
        )
    }

    fn write(&self, path: &Path, size: Option<u64>, content: &mut Reader<'_>) -> Result<Entry> {
        let written = self.root.write(&self.prefix.join(path), size, content);
        Ok(entry(
            path,
            written.map_err(|error| error.about(path.as_str()))?,
        ))
    }

    fn delete(&self, path: &Path) -> Result<()> {
        if path.is_root() {
            return Err(Error::denied("the root itself cannot be removed"));
        }
        self.root
            .remove(&self.prefix.join(path))
            .map_err(|error| error.about(path.as_str()))
    }
}

impl Folders for Disk {
    fn items(&self, folder: &Path, after: Option<&str>, max: u32) -> Result<Listing> {
        let max = max.min(ITEMS_MAX);
        let listed = self.root.list(&self.prefix.join(folder), after, max);
        let items: Vec<_> = listed
            .map_err(|error| error.about(folder.as_str()))?
            .into_iter()
            .map(item)
            .collect();
        Ok(Listing {
            more: items.len() >= max as usize,
            items,
        })
    }
}

fn entry(path: &Path, status: Status) -> Entry {
    Entry {
        path: path.to_string(),
        folder: status.folder,
        size: (!status.folder).then_some(status.size),
        etag: Some(status.etag),
    }
}

fn item(item: tenon_sdk::files::Item) -> Item {
    let status = item.status;
    Item {
        name: item.name,
        folder: status.folder,
        size: (!status.folder).then_some(status.size),
        etag: Some(status.etag),
    }
}
