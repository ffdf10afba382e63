//! OpenStack Swift as a file store: the containers of one account, whose key the connector holds.
//!
//! A path means one of two things, as `lookup` says:
//!
//! - `search`: the name of an object, wherever it is. It is looked for in the containers in their
//!   order, and the first hit counts, an empty object as well. The containers are seen as one tree.
//! - `path`: a container, and the name of an object in it. The containers are the root's folders.
//!
//! Swift has no folders. One is there when an object's name goes on after its name and a slash.

mod client;
mod folder;
mod listing;
mod login;
mod place;
mod settings;
#[cfg(test)]
mod tests;

use client::{Client, Target};
use folder::Folder;
use place::Place;
use settings::{Lookup, Settings};
use tenon_sdk::{
    Error, Kind, Path, Result, export,
    file_store::{Entry, FileStore, Folders, ListRequest, Listing, Page, Reader, Sink, walk},
    lifecycle::{Description, Plugin},
};

/// A Swift account.
#[derive(Debug)]
pub struct Swift {
    settings: Settings,
    client: Client,
}

export!(Swift: file_store);

impl Plugin for Swift {
    fn new() -> Result<Self> {
        let settings = Settings::read()?;
        let client = Client::new(settings::login()?, settings.storage_url.clone());
        Ok(Self { settings, client })
    }

    fn describe() -> Description {
        Description::new("swift", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["http", "secrets"])
    }

    /// Logs in, and looks at what is configured: the containers, or the account.
    fn check(&self) -> Result<()> {
        if self.settings.containers.is_empty() {
            return self.client.head(Target::ACCOUNT).map(drop);
        }
        for container in &self.settings.containers {
            match self.client.head(Target::container(container)) {
                Err(error) if error.kind() == Kind::NotFound && self.settings.create_containers => {
                }
                found => drop(found?),
            }
        }
        Ok(())
    }
}

impl FileStore for Swift {
    fn list_folder(&self, request: ListRequest<'_>) -> Result<Page> {
        walk(self, request)
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        let folder = || Entry {
            path: path.to_string(),
            folder: true,
            ..Entry::default()
        };
        if path.is_root() {
            return Ok(folder());
        }
        let place = self.place(path)?;
        if place.object.is_empty() {
            return place
                .found(|target| self.client.head(target))
                .map(|_| folder());
        }
        match place.found(|target| self.client.head(target)) {
            Ok(response) if listing::is_directory(response.header("content-type").as_deref()) => {
                Ok(folder())
            }
            Ok(response) => Ok(Entry {
                path: path.to_string(),
                folder: false,
                size: response.content_length(),
                etag: client::etag(&response),
            }),
            Err(error) if error.kind() == Kind::NotFound && self.folder(&place).exists()? => {
                Ok(folder())
            }
            Err(error) => Err(error),
        }
    }

    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()> {
        if path.is_root() {
            return Err(is_a_folder(path));
        }
        let place = self.place(path)?;
        if place.object.is_empty() {
            place.found(|target| self.client.head(target))?;
            return Err(is_a_folder(path));
        }
        let opened = match place.found(|target| self.client.open(target, offset)) {
            // A name that is searched for may get its object later, whatever else begins like it.
            Err(error)
                if error.kind() == Kind::NotFound
                    && self.settings.lookup == Lookup::Path
                    && self.folder(&place).exists()? =>
            {
                return Err(is_a_folder(path));
            }
            opened => opened?,
        };
        match opened {
            (head, Some(mut content)) => into.send(head, &mut content),
            (head, None) => into.send_bytes(head, &[]),
        }
    }

    fn write(&self, path: &Path, _: Option<u64>, content: &mut Reader<'_>) -> Result<Entry> {
        let (container, object) = self.new_object(path)?;
        self.assert_container(&container)?;
        let target = Target::object(&container, &object);
        let stored = self.client.upload(target, content)?;
        Ok(Entry {
            path: path.to_string(),
            ..stored
        })
    }

    fn delete(&self, path: &Path) -> Result<()> {
        let place = match path.is_root() {
            true => None,
            false => Some(self.place(path)?).filter(|place| !place.object.is_empty()),
        };
        let Some(place) = place else {
            return Err(
                Error::denied("neither the root nor a container can be removed")
                    .about(path.as_str()),
            );
        };
        match place.found(|target| self.client.delete(target)) {
            Err(error) if error.kind() == Kind::NotFound => {
                let folder = self.folder(&place);
                match folder.exists()? {
                    true => folder.delete(),
                    false => Err(error),
                }
            }
            deleted => deleted,
        }
    }
}

impl Folders for Swift {
    fn items(&self, folder: &Path, after: Option<&str>, max: u32) -> Result<Listing> {
        if folder.is_root() && self.settings.lookup == Lookup::Path {
            return self.container_items(after);
        }
        let place = self.place(folder)?;
        self.folder(&place).items(after, max)
    }
}

impl Swift {
    fn folder<'a>(&'a self, place: &'a Place) -> Folder<'a> {
        Folder {
            client: &self.client,
            containers: &place.containers,
            path: &place.object,
        }
    }

    /// There is a container, and the token is good. Both are found out before an upload, which
    /// cannot begin a second time.
    fn assert_container(&self, container: &str) -> Result<()> {
        match self.client.head(Target::container(container)) {
            Err(error) if error.kind() == Kind::NotFound && self.settings.create_containers => {
                self.client.create(container)
            }
            found => found.map(drop),
        }
    }
}

fn is_a_folder(path: &Path) -> Error {
    Error::invalid("a folder is not a file").about(path.as_str())
}
