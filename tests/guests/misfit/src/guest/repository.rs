//! The repository, and the faults of its operations.
//!
//! ```text
//! projects/<id>/metadata.json
//!              /files/<name>
//!              /published          once it is
//! ```

use std::hash::{BuildHasher as _, RandomState};

use tenon_sdk::files::Item;
use tenon_sdk::repository::{DepositedFile, Page, PageRequest, Project, Reader, Repository, Sink};
use tenon_sdk::transfer::Head;
use tenon_sdk::{Error, Kind, Path, Result, call, scratch};

use super::{Misfit, fault, spool};

/// Bytes of metadata at most.
const METADATA_MAX: usize = 1 << 20;

/// The text, if it is a JSON object.
fn checked(metadata: &str) -> Result<String> {
    match serde_json::from_str::<serde_json::Value>(metadata) {
        Ok(serde_json::Value::Object(_)) => Ok(metadata.to_owned()),
        _ if fault("metadata-malformed") => Ok("{}".to_owned()),
        _ => Err(Error::invalid("metadata is no JSON object")),
    }
}

/// A part of a list whose cursor is the last item's name.
fn page(items: &[Item], request: PageRequest<'_>) -> Option<String> {
    let full = items.len() >= request.max as usize;
    let last = match items {
        [.., last, _] if fault("project-pages") => Some(last),
        items => items.last(),
    };
    full.then(|| last.map(|item| item.name.clone())).flatten()
}

impl Misfit {
    /// The folder of a project that is there.
    fn project(&self, id: &str) -> Result<Path> {
        let sound = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let missing = || Error::not_found("no such project").about(id);
        let known = |path: &Path| self.root.stat(path).is_ok();
        let path = sound
            .then(|| Path::new(&format!("projects/{id}")))
            .transpose()?;
        path.filter(known).ok_or_else(missing)
    }

    /// The same, if it can still be changed.
    fn draft(&self, id: &str) -> Result<Path> {
        let path = self.project(id)?;
        match self.root.stat(&path.child("published")?) {
            Ok(_) => Err(Error::conflict("the project is published").about(id)),
            Err(_) => Ok(path),
        }
    }

    fn put(&self, path: &Path, text: &str) -> Result<()> {
        let spool = scratch::create()?;
        spool.append()?.write_all(text.as_bytes())?;
        self.root.write(path, None, &mut spool.open(0)?).map(drop)
    }

    fn text(&self, path: &Path) -> Result<String> {
        let (_, mut content) = self.root.open(path, 0)?;
        let bytes = content.read_all(METADATA_MAX)?;
        String::from_utf8(bytes).map_err(|_| Error::internal("metadata is no text"))
    }
}

fn deposited(name: &str, size: u64) -> DepositedFile {
    DepositedFile {
        id: name.to_owned(),
        name: name.to_owned(),
        size: Some(size),
        details: String::new(),
    }
}

impl Repository for Misfit {
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>> {
        let folder = Path::new("projects")?;
        let listed = match self.root.list(&folder, request.after, request.max) {
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            listed => listed?,
        };
        let drafts = listed.iter().filter(|item| self.draft(&item.name).is_ok());
        let project = |item: &Item| {
            let metadata = self.text(&folder.child(&item.name)?.child("metadata.json")?)?;
            let id = item.name.clone();
            Ok(Project { id, metadata })
        };
        Ok(Page {
            items: drafts.map(project).collect::<Result<_>>()?,
            next: page(&listed, request),
        })
    }

    fn get_project(&self, id: &str) -> Result<String> {
        let project = match fault("project-unknown") {
            true => self.project(id).expect("a project"),
            false => self.project(id)?,
        };
        self.text(&project.child("metadata.json")?)
    }

    fn create_project(&self, metadata: Option<&str>) -> Result<Project> {
        let metadata = checked(metadata.unwrap_or("{}"))?;
        let id = format!("{:016x}", RandomState::new().hash_one(0));
        self.put(
            &Path::new(&format!("projects/{id}/metadata.json"))?,
            &metadata,
        )?;
        Ok(Project { id, metadata })
    }

    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String> {
        let path = self.draft(id)?.child("metadata.json")?;
        if let Some(metadata) = metadata {
            self.put(&path, &checked(metadata)?)?;
        }
        self.text(&path)
    }

    fn publish_project(&self, id: &str) -> Result<String> {
        let project = self.project(id)?;
        self.put(&project.child("published")?, "")?;
        Ok(match fault("publish") {
            true => call::current().request_id,
            false => format!("urn:misfit:{id}"),
        })
    }

    fn delete_project(&self, id: &str) -> Result<()> {
        let project = self.draft(id)?;
        match fault("project") {
            true => Ok(()),
            false => self.root.remove(&project),
        }
    }

    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        let folder = self.project(project)?.child("files")?;
        let listed = match self.root.list(&folder, request.after, request.max) {
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            listed => listed?,
        };
        let file = |item: &Item| deposited(&item.name, item.status.size);
        Ok(Page {
            items: listed.iter().map(file).collect(),
            next: page(&listed, request),
        })
    }

    fn add_file(
        &self,
        project: &str,
        name: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        let project = match fault("published") {
            true => self.project(project)?,
            false => self.draft(project)?,
        };
        let path = project.child("files")?.join(name);
        if fault("files-replaced") && self.root.stat(&path).is_ok() {
            return Err(Error::conflict("there is a file already"));
        }
        let status = if fault("files") {
            spool::without_last(&self.root, &path, content)?
        } else if fault("files-broken") {
            spool::what_came(&self.root, &path, content)?
        } else {
            self.root.write(&path, size, content)?
        };
        Ok(deposited(name.as_str(), status.size))
    }

    fn read_file(&self, project: &str, file: &str, into: Sink<'_>) -> Result<()> {
        let path = self
            .project(project)?
            .child("files")?
            .join(&Path::new(file)?);
        let (_, mut content) = self.root.open(&path, 0)?;
        into.send(Head::default(), &mut content)
    }

    fn delete_file(&self, project: &str, file: &str) -> Result<()> {
        let path = self.draft(project)?.child("files")?.join(&Path::new(file)?);
        match self.root.remove(&path) {
            Err(error) if error.kind() == Kind::NotFound && fault("files-unknown") => Ok(()),
            removed => removed,
        }
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        let folder = self.draft(project)?.child("files")?;
        if fault("files-cleared") {
            return Ok(());
        }
        match self.root.remove(&folder) {
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            removed => removed,
        }
    }
}
