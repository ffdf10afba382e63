//! Projects of the Open Science Framework as a repository: its API (version 2, JSON:API) for
//! projects, and its file service for the bytes, both with the caller's token.
//!
//! A project counts as published when it is public; the service would let it be changed then, this
//! role does not. The connector that RDS ships decides some cases in another way:
//!
//! | case | there | here |
//! |---|---|---|
//! | a crate that cannot be read | a project without a title; on update the crate itself is sent | invalid, nothing is sent |
//! | a crate without one of `title`, `osfcategory`, `description` | as above | what is there counts; `name` stands in for the title, `keywords` for `tags` |
//! | publication of what is public | a second DOI is asked for, which fails | the same DOI |
//! | metadata of one project | an object that is no JSON | the service's attributes |
//! | removal of all files | one by one, folders stay | one request, folders go |
//! | removal of one file | fails | the file goes |

mod addresses;
mod client;
mod document;
mod id;
mod listing;
mod metadata;
mod projects;
mod publication;
mod storage;
#[cfg(test)]
mod tests;

use addresses::Addresses;
use client::Client;
use id::Id;
use metadata::Attributes;
use storage::Storage;
use tenon_sdk::{
    Error, Path, Result, export,
    lifecycle::{Description, Plugin},
    repository::{DepositedFile, Page, PageRequest, Project, Reader, Repository, Sink},
    scratch,
};

/// An installation of the Open Science Framework.
#[derive(Debug)]
pub struct Osf {
    addresses: Addresses,
}

export!(Osf: repository);

impl Plugin for Osf {
    fn new() -> Result<Self> {
        let addresses = Addresses::from_config()?;
        Ok(Self { addresses })
    }

    fn describe() -> Description {
        Description::new("osf", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["http", "scratch"])
    }

    /// There is no caller yet, so that anything but a failing server is a good sign.
    fn check(&self) -> Result<()> {
        self.client().reach()
    }
}

impl Osf {
    fn client(&self) -> Client<'_> {
        Client(&self.addresses)
    }
}

impl Repository for Osf {
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>> {
        projects::list(self.client(), request)
    }

    fn get_project(&self, id: &str) -> Result<String> {
        projects::get(self.client(), &Id::new(id)?).map(document::Node::into_metadata)
    }

    fn create_project(&self, metadata: Option<&str>) -> Result<Project> {
        projects::create(self.client(), Attributes::parse(metadata)?)
    }

    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String> {
        let (id, attributes) = (Id::new(id)?, Attributes::parse(metadata)?);
        projects::update(self.client(), &id, &attributes).map(document::Node::into_metadata)
    }

    fn publish_project(&self, id: &str) -> Result<String> {
        publication::publish(self.client(), &Id::new(id)?)
    }

    fn delete_project(&self, id: &str) -> Result<()> {
        projects::delete(self.client(), &Id::new(id)?)
    }

    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        listing::list(self.client(), &Id::new(project)?, request)
    }

    fn add_file(
        &self,
        project: &str,
        name: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        let project = Id::new(project)?;
        if name.is_root() {
            return Err(Error::invalid("a file needs a name"));
        }
        projects::changeable(self.client(), &project)?;
        let storage = Storage::open(self.client(), &project)?;
        if size.is_some() {
            return storage.write(name, content);
        }
        // The service refuses a body of unknown length, so the length must be found out first.
        let spool = scratch::create()?;
        content.copy_to(&mut spool.append()?)?;
        storage.write(name, &mut spool.open(0)?)
    }

    fn read_file(&self, project: &str, file: &str, into: Sink<'_>) -> Result<()> {
        let (project, file) = (Id::new(project)?, Id::new(file)?);
        Storage::open(self.client(), &project)?.read(&file, into)
    }

    fn delete_file(&self, project: &str, file: &str) -> Result<()> {
        let (project, file) = (Id::new(project)?, Id::new(file)?);
        projects::changeable(self.client(), &project)?;
        Storage::open(self.client(), &project)?.delete(&file)
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        let project = Id::new(project)?;
        projects::changeable(self.client(), &project)?;
        Storage::open(self.client(), &project)?.clear()
    }
}
