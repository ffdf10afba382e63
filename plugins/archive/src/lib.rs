//! RO-Crate directories on a granted root as a repository that needs no account.
//!
//! # Layout
//!
//! ```text
//! staging/<time>-<random>            what is being put together or thrown away
//! drafts/<owner>/<id>/data/          an RO-Crate directory, open to other tools
//!                    /gate/          what every change passes through
//! publishing/<owner>/<id>/           a project from the moment it is published
//! published/<owner>/<id>/data/       the same RO-Crate directory
//!                       /manifest-sha256.txt, bag-info.txt …
//! ```
//!
//! A published project is a bag (RFC 8493): `sha256sum -c manifest-sha256.txt` and every BagIt tool
//! can check it, and its identifier is the `External-Identifier` of `bag-info.txt`. The crate
//! document stays byte for byte what its author gave. Nothing is added to it, not even `hasPart`.
//!
//! # What holds when several hosts share the directory, or one is killed
//!
//! No lock is held anywhere. Each step is one `rename`, and whoever finds a step done goes on with
//! the next.
//!
//! * A project appears, and disappears, in one step.
//! * To publish begins with moving `drafts/…/<id>` to `publishing/…/<id>`. From then on no change
//!   finds the project. One that found it just before goes through the gate, as every change does:
//!   new bytes move from the gate into `data`, removed ones from `data` into the gate. Publishing
//!   removes the gate before it reads a byte, and a change whose gate is gone fails. So a change
//!   that was answered with success is part of what is published, and none comes later.
//! * `data` is moved into a bag that was filled for it beforehand. There is one `data`, so that one
//!   of two hosts wins, and both answer with what is in the winner's bag.
//! * A publication that broke off is finished by the next call that publishes. Until then the
//!   project neither changes nor is read: a change is a conflict, a read is asked to come again.
//!   One that cannot be hashed within the limits of a call stays like that until they are raised.
//!
//! What a killed host leaves in `staging` is removed a day later, when a project is created.
//!
//! # What is read
//!
//! Every byte of a published project is checked against the manifest while it is read, and the
//! last ones are only released when all are right, so that damage never passes for a file.
//!
//! # Whose projects they are
//!
//! A project belongs to the user who made it, and does not exist for another one. With `shared`,
//! all users work on the same projects. The host does not ask for a password here: a user's name is
//! as trustworthy as whoever may call the connector.

mod bag;
mod digest;
mod document;
mod draft;
mod listing;
mod manifest;
mod name;
mod owner;
mod project;
mod publish;
mod published;
mod store;

use tenon_sdk::{
    Error, Path, Result, call, config, export,
    files::Root,
    lifecycle::{Description, Plugin},
    repository::{DepositedFile, Page, PageRequest, Project, Reader, Repository, Sink},
};

use self::{
    name::FileName,
    owner::Owner,
    project::{Id, Place},
    store::Store,
};

#[cfg(test)]
mod tests;

/// Makes an identifier that is unique everywhere without a registry.
const IDENTIFIER_PREFIX: &str = "urn:uuid:";

/// An archive on a granted root.
#[derive(Debug)]
pub struct Archive {
    store: Store,
    identifier_prefix: String,
    shared: bool,
}

export!(Archive: repository);

impl Plugin for Archive {
    fn new() -> Result<Self> {
        let root = config::get("root").unwrap_or_else(|| "archive".to_owned());
        let prefix = config::get("identifier_prefix");
        Ok(Self {
            store: Store::new(Root::named(root)),
            identifier_prefix: prefix.unwrap_or_else(|| IDENTIFIER_PREFIX.to_owned()),
            shared: config::parse("shared")?.unwrap_or_default(),
        })
    }

    fn describe() -> Description {
        Description::new("archive", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["files", "scratch"])
    }

    fn check(&self) -> Result<()> {
        self.store.prepare()
    }
}

impl Archive {
    /// The caller, as the owner of projects.
    fn owner(&self) -> Result<Owner> {
        if self.shared {
            return Ok(Owner::everybody());
        }
        let user = call::current().user.filter(|user| !user.is_empty());
        user.map(|user| Owner::user(&user)).ok_or_else(|| {
            Error::unauthenticated("projects belong to a user, and the call names none")
        })
    }

    /// Runs `f` on a project of the caller's. Errors that name nothing else name the project.
    fn at<T>(&self, id: &str, f: impl FnOnce(&Place<'_>) -> Result<T>) -> Result<T> {
        let owner = self.owner()?;
        let result = Id::parse(id).and_then(|id| f(&Place::new(&self.store, &owner, &id)?));
        result.map_err(|error| match error.subject() {
            None => error.about(id),
            Some(_) => error,
        })
    }
}

impl Repository for Archive {
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>> {
        listing::projects(&self.store, &self.owner()?, request)
    }

    fn get_project(&self, id: &str) -> Result<String> {
        self.at(id, |place| place.document())
    }

    fn create_project(&self, metadata: Option<&str>) -> Result<Project> {
        let owner = self.owner()?;
        let metadata = match document::given(metadata) {
            Some(given) => {
                document::check(given)?;
                given.to_owned()
            }
            None => document::minimal(),
        };
        self.store.sweep();
        let id = Id::random();
        Place::new(&self.store, &owner, &id)?.create(&metadata)?;
        Ok(Project {
            id: id.to_string(),
            metadata,
        })
    }

    /// Without metadata the project keeps what it has.
    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String> {
        self.at(id, |place| match document::given(metadata) {
            Some(given) => {
                document::check(given)?;
                place.replace_document(given)?;
                Ok(given.to_owned())
            }
            None => place.draft_document(),
        })
    }

    fn publish_project(&self, id: &str) -> Result<String> {
        self.at(id, |place| {
            place.publish(&format!("{}{id}", self.identifier_prefix))
        })
    }

    fn delete_project(&self, id: &str) -> Result<()> {
        self.at(id, |place| place.delete())
    }

    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        self.at(project, |place| place.files(request))
    }

    fn add_file(
        &self,
        project: &str,
        name: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        self.at(project, |place| {
            let name = FileName::to_write(name)?;
            let size = place.add(&name, size, content)?;
            Ok(DepositedFile {
                id: name.to_string(),
                name: name.to_string(),
                size: Some(size),
                details: String::new(),
            })
        })
    }

    fn read_file(&self, project: &str, file: &str, into: Sink<'_>) -> Result<()> {
        self.at(project, |place| place.read(&FileName::to_find(file)?, into))
    }

    fn delete_file(&self, project: &str, file: &str) -> Result<()> {
        self.at(project, |place| {
            place.delete_file(&FileName::to_find(file)?)
        })
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        self.at(project, |place| place.delete_files())
    }
}
