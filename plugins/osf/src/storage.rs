//! A project's own storage: finding files and folders in it, and changing them.

use tenon_sdk::{
    Error, Kind, Path, Result,
    http::{Request, escaped},
    repository::{DepositedFile, Head, Reader, Sink},
};

use crate::{
    client::{Client, is_undecided, parse},
    document::{Document, Entry, EntryKind, Provider},
    id::Id,
    listing,
};

/// The storage of one project.
#[derive(Debug)]
pub(crate) struct Storage<'a> {
    client: Client<'a>,
    project: &'a Id,
    /// The address of the root folder, with the `/` at its end that the service has on folders.
    root: String,
}

impl<'a> Storage<'a> {
    /// Asks for the region that a project is stored in.
    pub(crate) fn open(client: Client<'a>, project: &'a Id) -> Result<Self> {
        let path = format!("nodes/{project}/files/");
        let found = client.find(&path, project.as_str(), |provider: &Provider| {
            provider.attributes.provider == "osfstorage"
        })?;
        let link = found.and_then(|provider| provider.links.upload);
        let link = link.ok_or_else(|| {
            Error::unavailable("the system names no storage of the project").about(project.as_str())
        })?;
        let root = client.0.storage(project, &link)?;
        Ok(Self {
            client,
            project,
            root,
        })
    }

    /// Adds a file, whose size is known, or a version of the file that is there. Missing folders
    /// are made.
    pub(crate) fn write(&self, name: &Path, content: &mut Reader<'_>) -> Result<DepositedFile> {
        let size = content.remaining();
        let folder = self.folder(name)?;
        let there = self.find(folder.as_ref(), EntryKind::File, name.name())?;
        let url = match there {
            Some(file) => {
                let id = file.id().map_err(listing::not_understood)?;
                format!("{}?kind=file", self.file_url(&id))
            }
            None => self.child_url(folder.as_ref(), EntryKind::File, name.name()),
        };
        let stored: Entry = self
            .client
            .put(url, content, name.as_str())
            .map_err(|error| {
                let message = "the file may have been stored nevertheless";
                if is_undecided(&error) {
                    error.noting(message).about(name.as_str())
                } else {
                    error
                }
            })?;
        let differs = |stored: u64| size.is_some_and(|size| size != stored);
        if stored.attributes.size.is_some_and(differs) {
            let message = "the system stored another number of bytes than it was sent";
            return Err(Error::unavailable(message).about(name.as_str()));
        }
        stored.try_into().map_err(listing::not_understood)
    }

    /// Sends a file's bytes. Asked directly, the service sends them itself; otherwise it would
    /// redirect to whoever keeps them.
    pub(crate) fn read(&self, file: &Id, into: Sink<'_>) -> Result<()> {
        let request = Request::get(format!("{}?direct=", self.file_url(file)));
        let response = self.client.send(request, file.as_str())?;
        let head = Head {
            size: None,
            media_type: response.header("content-type"),
            etag: response.header("etag"),
        };
        into.send(head, &mut response.into_body()?)
    }

    pub(crate) fn delete(&self, file: &Id) -> Result<()> {
        self.client.delete(self.file_url(file), file.as_str())
    }

    /// Removes all that is in the root folder, which stays.
    pub(crate) fn clear(&self) -> Result<()> {
        let url = format!("{}?confirm_delete=1", self.root);
        self.client.delete(url, self.project.as_str())
    }

    /// The folder that a file is to be in; none is the root.
    fn folder(&self, file: &Path) -> Result<Option<Id>> {
        let mut folder: Option<Id> = None;
        for segment in file.parent().unwrap_or_default().segments() {
            let entry = match self.find(folder.as_ref(), EntryKind::Folder, segment)? {
                Some(entry) => entry,
                None => self.make_folder(folder.as_ref(), segment)?,
            };
            folder = Some(entry.id().map_err(listing::not_understood)?);
        }
        Ok(folder)
    }

    fn make_folder(&self, parent: Option<&Id>, name: &str) -> Result<Entry> {
        let request = Request::put(self.child_url(parent, EntryKind::Folder, name));
        let made = self
            .client
            .send(request, name)
            .and_then(|response| parse::<Document<Entry>>(response, name));
        let error = match made {
            Ok(document) => return Ok(document.data),
            Err(error) => error,
        };
        // It is there now when somebody else was faster, or when only the answer was lost.
        if error.kind() == Kind::Conflict || is_undecided(&error) {
            let found = self.find(parent, EntryKind::Folder, name);
            return found.ok().flatten().ok_or(error);
        }
        Err(error)
    }

    fn find(&self, folder: Option<&Id>, kind: EntryKind, name: &str) -> Result<Option<Entry>> {
        let path = format!(
            "{}?filter%5Bkind%5D={}&filter%5Bname%5D={}&page%5Bsize%5D=100",
            listing::address(self.project, folder),
            kind.name(),
            escaped(name),
        );
        // The filter finds names that merely contain the wanted one.
        self.client
            .find(&path, name, |entry: &Entry| entry.is(kind, name))
    }

    fn file_url(&self, file: &Id) -> String {
        format!("{}{file}", self.root)
    }

    fn child_url(&self, folder: Option<&Id>, kind: EntryKind, name: &str) -> String {
        let folder = folder.map(|id| format!("{id}/")).unwrap_or_default();
        format!(
            "{}{folder}?kind={}&name={}",
            self.root,
            kind.name(),
            escaped(name)
        )
    }
}
