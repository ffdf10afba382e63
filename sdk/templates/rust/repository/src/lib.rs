//! A repository in a granted directory. Put your system in the place of the files.
//!
//! ```text
//! <user>/drafts/<id>/metadata.json     a project that can be changed
//!                   /files/<file>
//! <user>/published/<id>/…              the same, moved there in one step
//! ```

use tenon_sdk::files::Root;
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::repository::{
    DepositedFile, Head, Page, PageRequest, Project, Reader, Repository, Sink,
};
use tenon_sdk::{Kind, Path, Result, call, config, export};

mod document;
mod place;
#[cfg(test)]
mod tests;

use document::Document;
use place::Place;

/// A directory of projects.
#[derive(Debug)]
pub struct Shelf {
    root: Root,
}

export!(Shelf: repository);

impl Plugin for Shelf {
    fn new() -> Result<Self> {
        let root = config::get("root").unwrap_or_else(|| "projects".into());
        Ok(Self {
            root: Root::named(root),
        })
    }

    fn describe() -> Description {
        Description::new("{{name}}", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["files", "scratch"])
    }

    /// Asked before the host serves a new version: is the directory there?
    fn check(&self) -> Result<()> {
        self.root.stat(&Path::root()).map(drop)
    }
}

impl Shelf {
    /// What the caller has. Nobody sees another user's projects.
    fn place(&self) -> Result<Place<'_>> {
        let user = call::current().user.unwrap_or_else(|| "nobody".into());
        Place::new(&self.root, &user)
    }
}

impl Repository for Shelf {
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>> {
        let place = self.place()?;
        let listed = self.root.list(place.drafts(), request.after, request.max);
        let folders = match listed {
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            listed => listed?,
        };
        let next = page_end(
            folders.last().map(|last| &last.name),
            folders.len(),
            request,
        );
        let mut items = Vec::new();
        for folder in folders {
            // It may have gone since.
            if let Ok(project) = place.draft(&folder.name) {
                let metadata = Document::read(&self.root, &project)?.into_text();
                items.push(Project {
                    id: folder.name,
                    metadata,
                });
            }
        }
        Ok(Page { items, next })
    }

    fn get_project(&self, id: &str) -> Result<String> {
        let project = self.place()?.any(id)?;
        Ok(Document::read(&self.root, &project)?.into_text())
    }

    fn create_project(&self, metadata: Option<&str>) -> Result<Project> {
        let document = Document::new(metadata.unwrap_or("{}"))?;
        let id = place::new_id();
        let project = self.place()?.drafts().child(&id)?;
        document.write(&self.root, &project)?;
        Ok(Project {
            id,
            metadata: document.into_text(),
        })
    }

    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String> {
        let project = self.place()?.draft(id)?;
        let document = match metadata {
            Some(metadata) => {
                let document = Document::new(metadata)?;
                document.write(&self.root, &project)?;
                document
            }
            None => Document::read(&self.root, &project)?,
        };
        Ok(document.into_text())
    }

    fn publish_project(&self, id: &str) -> Result<String> {
        self.place()?.publish(id)?;
        Ok(format!("urn:{{name}}:{id}"))
    }

    fn delete_project(&self, id: &str) -> Result<()> {
        self.root.remove(&self.place()?.draft(id)?)
    }

    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        let files = self.place()?.any(project)?.child("files")?;
        let listed = match self.root.list(&files, request.after, request.max) {
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            listed => listed?,
        };
        let next = page_end(listed.last().map(|last| &last.name), listed.len(), request);
        let items = listed
            .into_iter()
            .map(|item| file(item.name, item.status.size));
        Ok(Page {
            items: items.collect(),
            next,
        })
    }

    fn add_file(
        &self,
        project: &str,
        name: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        let id = place::file_id(name);
        let path = self.place()?.draft(project)?.child("files")?.child(&id)?;
        let status = self.root.write(&path, size, content)?;
        Ok(file(id, status.size))
    }

    fn read_file(&self, project: &str, id: &str, into: Sink<'_>) -> Result<()> {
        let path = self.place()?.any(project)?.child("files")?.child(id)?;
        let (status, mut content) = self.root.open(&path, 0)?;
        let head = Head {
            etag: Some(status.etag),
            ..Head::default()
        };
        into.send(head, &mut content)
    }

    fn delete_file(&self, project: &str, id: &str) -> Result<()> {
        let path = self.place()?.draft(project)?.child("files")?.child(id)?;
        self.root.remove(&path)
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        let files = self.place()?.draft(project)?.child("files")?;
        match self.root.remove(&files) {
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

/// Where the next page begins: after the last of a full one.
fn page_end(last: Option<&String>, len: usize, request: PageRequest<'_>) -> Option<String> {
    last.filter(|_| len >= request.max as usize).cloned()
}

fn file(id: String, size: u64) -> DepositedFile {
    DepositedFile {
        name: place::file_name(&id),
        id,
        size: Some(size),
        details: String::new(),
    }
}
