//! Where a project is, and what its place says about it.

use std::fmt;

use tenon_sdk::{Error, Kind, Path, Result, repository::Sink, transfer::Head};
use uuid::Uuid;

use crate::{document, name::FileName, owner::Owner, published::Bag, store::Store};

/// The folders of the root, in the order a project moves through them.
const DRAFTS: &str = "drafts";
const PUBLISHING: &str = "publishing";
const PUBLISHED: &str = "published";
/// The crate's directory in a project.
pub(crate) const DATA: &str = "data";
/// What changes to a draft pass through.
pub(crate) const GATE: &str = "gate";

/// A project's id: a random UUID in its usual form, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id(String);

impl Id {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// Other text names no project, and never reaches the file system.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let uuid = Uuid::try_parse(text).ok();
        let uuid = uuid.filter(|uuid| uuid.get_version_num() == 4);
        match uuid.map(|uuid| uuid.to_string()) {
            Some(id) if id == text => Ok(Self(id)),
            _ => Err(no_such_project()),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    Draft,
    Publishing,
    Published,
}

/// The places of one project.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) store: &'a Store,
    /// While it is a draft.
    pub(crate) draft: Path,
    /// From the moment it is published.
    pub(crate) publishing: Path,
    /// When that is done.
    pub(crate) published: Path,
}

impl<'a> Place<'a> {
    pub(crate) fn new(store: &'a Store, owner: &Owner, id: &Id) -> Result<Self> {
        Ok(Self {
            store,
            draft: folder(DRAFTS, owner)?.child(&id.0)?,
            publishing: folder(PUBLISHING, owner)?.child(&id.0)?,
            published: folder(PUBLISHED, owner)?.child(&id.0)?,
        })
    }

    /// The draft's crate directory.
    pub(crate) fn data(&self) -> Result<Path> {
        self.draft.child(DATA)
    }

    /// The draft's gate.
    pub(crate) fn gate(&self) -> Result<Path> {
        self.draft.child(GATE)
    }

    /// The gate of a draft that is no more.
    pub(crate) fn closed_gate(&self) -> Result<Path> {
        self.publishing.child(GATE)
    }

    /// Looked for in the order in which a project moves, so that none is missed that moves
    /// meanwhile.
    pub(crate) fn state(&self) -> Result<State> {
        if self.store.exists(&self.draft)? {
            return Ok(State::Draft);
        }
        let publishing = self.store.exists(&self.publishing)?;
        // What publishing left behind may still be there.
        if self.store.exists(&self.published)? {
            return Ok(State::Published);
        }
        Ok(if publishing {
            State::Publishing
        } else {
            State::Absent
        })
    }

    /// What it means that something of a draft was not found; `absent`, if the draft is there.
    pub(crate) fn gone(&self, absent: impl FnOnce() -> Error) -> Error {
        match self.state() {
            Ok(State::Draft) => absent(),
            Ok(State::Publishing | State::Published) => {
                Error::conflict("a published project cannot be changed")
            }
            Ok(State::Absent) => no_such_project(),
            Err(error) => error,
        }
    }

    /// Explains a failed change with [`gone`](Self::gone).
    pub(crate) fn changed<T>(
        &self,
        result: Result<T>,
        absent: impl FnOnce() -> Error,
    ) -> Result<T> {
        result.map_err(|error| match error.kind() {
            Kind::NotFound => self.gone(absent),
            _ => error,
        })
    }

    /// The published project, for whoever did not find a draft.
    pub(crate) fn bag(&self, absent: impl FnOnce() -> Error) -> Result<Bag<'_>> {
        match self.state()? {
            State::Draft => Err(absent()),
            State::Publishing => Err(unfinished()),
            State::Published => Ok(Bag::new(self.store, self.published.clone())),
            State::Absent => Err(no_such_project()),
        }
    }

    /// The crate document, published or not.
    pub(crate) fn document(&self) -> Result<String> {
        match self.store.open(&self.data()?.child(document::NAME)?) {
            Ok((_, mut content)) => document::read(&mut content),
            Err(error) if error.kind() == Kind::NotFound => self.bag(no_document)?.document(),
            Err(error) => Err(error),
        }
    }

    /// The crate document of a project that can be changed.
    pub(crate) fn draft_document(&self) -> Result<String> {
        let opened = self.store.open(&self.data()?.child(document::NAME)?);
        let (_, mut content) = self.changed(opened, no_document)?;
        document::read(&mut content)
    }

    /// Sends a file, published or not.
    pub(crate) fn read(&self, name: &FileName, into: Sink<'_>) -> Result<()> {
        match self.store.open(&self.data()?.join(name.path())) {
            Ok((status, mut content)) => {
                let etag = Some(status.etag);
                into.send(
                    Head {
                        etag,
                        ..Head::default()
                    },
                    &mut content,
                )
            }
            Err(error) if error.kind() == Kind::NotFound => {
                self.bag(|| name.missing())?.read(name, into)
            }
            // A folder is not a file.
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => {
                Err(name.missing())
            }
            Err(error) => Err(error),
        }
    }
}

/// Where the owner's drafts are.
pub(crate) fn drafts(owner: &Owner) -> Result<Path> {
    folder(DRAFTS, owner)
}

fn folder(state: &str, owner: &Owner) -> Result<Path> {
    Path::root().child(state)?.child(owner.folder())
}

fn no_document() -> Error {
    Error::internal("the project's crate document is missing").about(document::NAME)
}

pub(crate) fn no_such_project() -> Error {
    Error::not_found("no such project")
}

fn unfinished() -> Error {
    Error::unavailable("the project is being published; publish it again if this stays so")
}
