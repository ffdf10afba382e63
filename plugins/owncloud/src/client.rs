//! The requests. Each stands for one thing that a WebDAV server can be asked.

use std::io::{self, Read};

use tenon_sdk::{
    Error, Kind, Path, Result,
    file_store::{Entry, Head, Reader},
    http::{Request, Response},
};

use crate::{
    is_a_folder,
    location::{Tree, href_segments},
    multistatus::{self, Resource},
};

/// The requests of one caller.
pub(crate) struct Client {
    tree: Tree,
}

/// Whether a server answers at all, whatever it says of a caller without a token.
pub(crate) fn reach(url: &str) -> Result<()> {
    let response = Request::head(url).send()?;
    if response.status() < 500 {
        Ok(())
    } else {
        response.ok(url).map(drop)
    }
}

impl Client {
    pub(crate) fn new(tree: Tree) -> Self {
        Self { tree }
    }

    /// What is in a folder, in the server's order. A file has nothing in it.
    pub(crate) fn list(&self, folder: &Path) -> Result<Vec<Resource>> {
        if !folder.is_root() {
            self.head(&self.tree.folder(folder), folder)
                .map(drop)
                .or_else(undecided)?;
        }
        self.children(folder)
    }

    /// What is known of a file or folder.
    pub(crate) fn stat(&self, path: &Path) -> Result<Resource> {
        let response = self.propfind(&self.tree.file(path), "0", path)?;
        let first = multistatus::parse(response)?.into_iter().next();
        let found = first.ok_or_else(|| {
            Error::not_found("the system tells of no such path").about(path.as_str())
        })?;
        Ok(found.resource)
    }

    /// What is known of a file's bytes from `offset` on, and they themselves if there are any.
    pub(crate) fn open(&self, path: &Path, offset: u64) -> Result<(Head, Option<Reader<'static>>)> {
        let Some(parent) = path.parent() else {
            return Err(is_a_folder(path));
        };
        let url = self.tree.file(path);
        let seen = self.head(&url, path);
        // A server may not answer a HEAD of a folder, so the folder above has the last word.
        if let Err(error) = &seen {
            undecided(error.clone())?;
        }
        let listed = match (self.children(&parent), &seen) {
            (Err(_), Err(error)) => return Err(error.clone()),
            (listed, _) => listed?,
        };
        if listed
            .iter()
            .any(|resource| resource.folder && resource.name == path.name())
        {
            return Err(is_a_folder(path));
        }
        seen?;
        self.head(&url, path)?;
        self.get(&url, path, offset)
    }

    /// Stores `content`, whose size is known, making missing folders.
    pub(crate) fn write(&self, path: &Path, content: &mut Reader<'_>) -> Result<Entry> {
        let Some(parent) = path.parent() else {
            return Err(is_a_folder(path));
        };
        self.make_folder(&parent)?;
        let size = content.remaining();
        let request = Request::put(self.tree.file(path)).credential("caller");
        let response = request.send_stream(content)?.ok(path.as_str())?;
        let etag = response
            .header("oc-etag")
            .or_else(|| response.header("etag"));
        Ok(Entry {
            path: path.to_string(),
            folder: false,
            size,
            etag,
        })
    }

    /// Removes a file, or a folder with all that is in it.
    pub(crate) fn delete(&self, path: &Path) -> Result<()> {
        if path.is_root() {
            return Err(Error::denied("the root itself cannot be removed"));
        }
        let response = Request::delete(self.tree.file(path))
            .credential("caller")
            .send()?
            .ok(path.as_str())
            .map_err(|error| self.below_a_file(path, error))?;
        // Several statuses mean that not everything went (RFC 4918, section 9.6.1).
        if response.status() == 207 {
            return Err(
                Error::conflict("only a part of the folder could be removed").about(path.as_str()),
            );
        }
        Ok(())
    }

    fn head(&self, url: &str, path: &Path) -> Result<Response> {
        Request::head(url)
            .credential("caller")
            .send()?
            .ok(path.as_str())
            .map_err(|error| self.below_a_file(path, error))
    }

    fn propfind(&self, url: &str, depth: &str, path: &Path) -> Result<Reader<'static>> {
        let request = Request::new("PROPFIND", url)
            .header("depth", depth)
            .credential("caller");
        let response = request.send()?.ok(path.as_str());
        let response = response.map_err(|error| self.below_a_file(path, error))?;
        if response.status() != 207 {
            return Err(Error::unavailable("the system does not speak WebDAV here").about(url));
        }
        response.into_body()
    }

    /// Apache calls a path bad that goes on below a file, where there is just nothing.
    fn below_a_file(&self, path: &Path, error: Error) -> Error {
        let parent = path.parent().filter(|parent| !parent.is_root());
        let Some(parent) = parent.filter(|_| error.kind() == Kind::Invalid) else {
            return error;
        };
        match self.stat(&parent) {
            Ok(resource) if resource.folder => error,
            Err(other) if other.kind() != Kind::NotFound => error,
            _ => Error::not_found("the path goes on below a file").about(path.as_str()),
        }
    }

    /// What is in a folder. The folder's own entry is the one at the asked address; a server
    /// behind a proxy may know itself under another, and lists it first then.
    fn children(&self, folder: &Path) -> Result<Vec<Resource>> {
        let url = self.tree.folder(folder);
        let mut responses = multistatus::parse(self.propfind(&url, "1", folder)?)?;
        let asked = href_segments(&url);
        let own = responses
            .iter()
            .position(|response| Some(&response.segments) == asked.as_ref())
            .unwrap_or(0);
        if own < responses.len() {
            responses.remove(own);
        }
        let resources = responses.into_iter().map(|response| response.resource);
        // What cannot be a path's segment cannot be asked for either.
        Ok(resources
            .filter(|resource| folder.child(&resource.name).is_ok())
            .collect())
    }

    fn get(&self, url: &str, path: &Path, offset: u64) -> Result<(Head, Option<Reader<'static>>)> {
        let mut request = Request::get(url).credential("caller");
        if offset > 0 {
            request = request.header("range", format!("bytes={offset}-"));
        }
        let response = request.send()?;
        let status = response.status();
        // Nothing is there to be sent from the end on.
        if status == 416 && offset > 0 {
            return Ok((Head::default(), None));
        }
        let response = response.ok(path.as_str())?;
        let head = Head {
            size: None,
            media_type: response.header("content-type"),
            etag: response.header("etag"),
        };
        let mut content = response.into_body()?;
        // A server without ranges sends the file from its start.
        if offset > 0 && status != 206 {
            io::copy(&mut content.by_ref().take(offset), &mut io::sink())?;
        }
        Ok((head, Some(content)))
    }

    fn make_folder(&self, folder: &Path) -> Result<()> {
        let Some(parent) = folder.parent() else {
            return Ok(());
        };
        match self.stat(folder) {
            Ok(resource) if resource.folder => return Ok(()),
            Ok(_) => {
                return Err(
                    Error::conflict("a file is where a folder is needed").about(folder.as_str())
                );
            }
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.make_folder(&parent)?;
        let made = Request::new("MKCOL", self.tree.folder(folder))
            .credential("caller")
            .send()?;
        // Not allowed where something is already: somebody else was faster.
        if made.status() == 405 {
            Ok(())
        } else {
            made.ok(folder.as_str()).map(drop)
        }
    }
}

/// Lets pass the refusals of a `HEAD` that a server may give for a folder it would list.
fn undecided(error: Error) -> Result<()> {
    match error.kind() {
        Kind::NotFound | Kind::Denied | Kind::Unsupported => Ok(()),
        _ => Err(error),
    }
}
