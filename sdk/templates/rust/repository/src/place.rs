//! Where projects and files lie. What a caller names is only ever one segment of a path here.

use std::hash::{BuildHasher, RandomState};

use tenon_sdk::files::Root;
use tenon_sdk::{Error, Kind, Path, Result};

/// One user's folder.
pub(crate) struct Place<'a> {
    root: &'a Root,
    drafts: Path,
    published: Path,
}

impl<'a> Place<'a> {
    pub(crate) fn new(root: &'a Root, user: &str) -> Result<Self> {
        let folder = Path::root().child(user)?;
        Ok(Self {
            root,
            drafts: folder.child("drafts")?,
            published: folder.child("published")?,
        })
    }

    pub(crate) fn drafts(&self) -> &Path {
        &self.drafts
    }

    /// A project that can be changed.
    pub(crate) fn draft(&self, id: &str) -> Result<Path> {
        let draft = self.drafts.child(id)?;
        if self.is_project(&draft)? {
            return Ok(draft);
        }
        if self.is_project(&self.published.child(id)?)? {
            return Err(Error::conflict("the project is published").about(id));
        }
        Err(Error::not_found("no such project").about(id))
    }

    /// A project, published or not.
    pub(crate) fn any(&self, id: &str) -> Result<Path> {
        let published = self.published.child(id)?;
        if self.is_project(&published)? {
            return Ok(published);
        }
        self.draft(id)
    }

    /// Moves a project to where nobody changes it; one that is there stays.
    pub(crate) fn publish(&self, id: &str) -> Result<()> {
        let published = self.published.child(id)?;
        if self.is_project(&published)? {
            return Ok(());
        }
        let draft = self.draft(id)?;
        match self.root.create_folder(&self.published) {
            Err(error) if error.kind() != Kind::Conflict => return Err(error),
            _ => {}
        }
        self.root.rename(&draft, &published)
    }

    fn is_project(&self, path: &Path) -> Result<bool> {
        match self.root.stat(&path.child("metadata.json")?) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// An id that no other project has.
pub(crate) fn new_id() -> String {
    let random = RandomState::new();
    format!("{:016x}{:016x}", random.hash_one(0), random.hash_one(1))
}

/// A file's name as one segment of a path.
pub(crate) fn file_id(name: &Path) -> String {
    name.as_str().replace('%', "%25").replace('/', "%2F")
}

/// The name that [`file_id`] was made of.
pub(crate) fn file_name(id: &str) -> String {
    id.replace("%2F", "/").replace("%25", "%")
}
