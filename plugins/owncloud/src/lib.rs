//! ownCloud and Nextcloud as a file store, over WebDAV (RFC 4918) with the caller's token.
//!
//! The order of requests is that of the connector which these systems are used to: a folder is
//! `HEAD` and `PROPFIND`, a file is `HEAD`, `PROPFIND` of its folder, `HEAD` and `GET`.

mod client;
mod location;
mod multistatus;
#[cfg(test)]
mod tests;

use client::Client;
use location::Location;
use multistatus::Resource;
use tenon_sdk::{
    Error, Kind, Path, Result, config, export,
    file_store::{
        Entry, FileStore, Folders, Item, ListRequest, Listing, Page, Reader, Sink, skip_past, walk,
    },
    lifecycle::{Description, Plugin},
    scratch,
};

/// An ownCloud or Nextcloud installation.
#[derive(Debug)]
pub struct Owncloud {
    location: Location,
}

export!(Owncloud: file_store);

impl Plugin for Owncloud {
    fn new() -> Result<Self> {
        let system = config::get("system").unwrap_or_default();
        let location = Location::new(&config::require("base_url")?, system == "nextcloud");
        Ok(Self { location })
    }

    fn describe() -> Description {
        Description::new("owncloud", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["http"])
    }

    /// There is no caller yet, so that anything but a failing server is a good sign.
    fn check(&self) -> Result<()> {
        client::reach(&self.location.entrance())
    }
}

impl Owncloud {
    fn client(&self) -> Result<Client> {
        Ok(Client::new(self.location.of_caller()?))
    }
}

impl FileStore for Owncloud {
    fn list_folder(&self, request: ListRequest<'_>) -> Result<Page> {
        let store = Tree(self.client()?);
        literal_or_unquoted(request.folder, |folder| {
            let page = walk(&store, ListRequest { folder, ..request });
            match page {
                // A file has no entries; whether it is one is asked only when listing it failed.
                Err(error) if may_be_a_file(&error) && !folder.is_root() => {
                    match store.0.stat(folder) {
                        Ok(resource) if !resource.folder => Ok(Page::default()),
                        _ => Err(error),
                    }
                }
                page => page,
            }
        })
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        let client = self.client()?;
        literal_or_unquoted(path, |actual| {
            let Resource {
                folder, size, etag, ..
            } = client.stat(actual)?;
            Ok(Entry {
                path: path.to_string(),
                folder,
                size,
                etag,
            })
        })
    }

    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()> {
        let client = self.client()?;
        let (head, content) = literal_or_unquoted(path, |actual| client.open(actual, offset))?;
        match content {
            Some(mut content) => into.send(head, &mut content),
            None => into.send_bytes(head, &[]),
        }
    }

    fn write(&self, path: &Path, size: Option<u64>, content: &mut Reader<'_>) -> Result<Entry> {
        let client = self.client()?;
        if size.is_some() {
            return client.write(path, content);
        }
        // PHP behind FastCGI takes a body of unknown length for an empty one, so the length must
        // be found out first.
        let spool = scratch::create()?;
        content.copy_to(&mut spool.append()?)?;
        client.write(path, &mut spool.open(0)?)
    }

    fn delete(&self, path: &Path) -> Result<()> {
        self.client()?.delete(path)
    }
}

/// Folders as [`walk`] wants them.
struct Tree(Client);

impl Folders for Tree {
    /// WebDAV knows no paging: a folder comes as a whole.
    fn items(&self, folder: &Path, after: Option<&str>, _: u32) -> Result<Listing> {
        let resources = self.0.list(folder)?.into_iter();
        let items = resources.map(
            |Resource {
                 name,
                 folder,
                 size,
                 etag,
             }| Item {
                name,
                folder,
                size,
                etag,
            },
        );
        skip_past(items.collect(), after)
    }
}

/// Does something with a path as it was given; when nothing is there, once more with its percent
/// escapes decoded, since callers of this contract may or may not encode.
fn literal_or_unquoted<T>(path: &Path, f: impl Fn(&Path) -> Result<T>) -> Result<T> {
    match f(path) {
        Err(error) if error.kind() == Kind::NotFound => match location::unquoted(path) {
            Some(unquoted) => f(&unquoted).map_err(|_| error),
            None => Err(error),
        },
        result => result,
    }
}

/// The error of a path that is a folder where a file is asked for.
fn is_a_folder(path: &Path) -> Error {
    Error::invalid("a folder is not a file").about(path.as_str())
}

/// Whether servers refuse to list a file like this.
fn may_be_a_file(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::NotFound | Kind::Invalid | Kind::Conflict
    )
}
