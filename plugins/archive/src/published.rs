//! Reading what is published, and noticing when it is not what was published.

use std::ops::ControlFlow;

use tenon_sdk::{
    Error, Kind, Path, Result,
    files::Status,
    repository::Sink,
    transfer::{Head, Reader},
};

use crate::{
    bag,
    digest::{self, Hasher},
    document,
    manifest::{self, Line, Scanned},
    name::FileName,
    project::DATA,
    store::Store,
};

/// Bytes to check and send at a time. As many are held back until the whole is known to be right.
const CHUNK: usize = 256 << 10;

/// A published project.
#[derive(Debug)]
pub(crate) struct Bag<'a> {
    store: &'a Store,
    path: Path,
}

impl<'a> Bag<'a> {
    pub(crate) fn new(store: &'a Store, path: Path) -> Self {
        Self { store, path }
    }

    /// The identifier it was published under.
    pub(crate) fn identifier(&self) -> Result<String> {
        let info = self.tag_file(bag::INFO)?;
        if digest::of(info.as_bytes()) != self.tag_digest(bag::INFO)? {
            return Err(damaged(bag::INFO));
        }
        let identifier = bag::identifier(&info).ok_or_else(|| damaged(bag::INFO))?;
        Ok(identifier.to_owned())
    }

    /// The crate document.
    pub(crate) fn document(&self) -> Result<String> {
        let expected = self.digest_of(document::NAME)?;
        let expected = expected.ok_or_else(|| missing(document::NAME))?;
        let (_, mut content) = self.open(document::NAME)?;
        let bytes = content.read_all(document::BYTES_MAX)?;
        if digest::of(&bytes) != expected {
            return Err(self.blame(document::NAME));
        }
        String::from_utf8(bytes).map_err(|_| damaged(document::NAME))
    }

    /// Sends a file. Small ones are checked before the first byte, so that damage is an answer; of
    /// larger ones the end is held back, so that damage is a transfer that breaks off.
    pub(crate) fn read(&self, name: &FileName, into: Sink<'_>) -> Result<()> {
        let expected = self.digest_of(name.path().as_str())?;
        let expected = expected.ok_or_else(|| name.missing())?;
        let (status, mut content) = self.open(name.path().as_str())?;
        let head = Head {
            size: Some(status.size),
            etag: Some(format!("\"{expected}\"")),
            ..Head::default()
        };
        let mut into = Some((into, head));
        let mut writer = None;
        let mut hasher = Hasher::default();
        let mut held = content.chunk(CHUNK)?;
        while !held.is_empty() {
            hasher.update(&held);
            let next = content.chunk(CHUNK)?;
            if next.is_empty() {
                break;
            }
            if let Some((into, head)) = into.take() {
                writer = Some(into.begin(head)?);
            }
            if let Some(writer) = &mut writer {
                writer.write_all(&held)?;
            }
            held = next;
        }
        if hasher.finish() != expected {
            return Err(self.blame(name.path().as_str()));
        }
        match (writer, into) {
            (Some(mut writer), _) => writer.write_all(&held),
            (None, Some((into, head))) => into.send_bytes(head, &held),
            (None, None) => Ok(()),
        }
    }

    /// Shows every file to `f`, in the order of a listing, until that breaks off.
    pub(crate) fn scan(&self, f: impl FnMut(Line<'_>) -> Result<ControlFlow<()>>) -> Result<()> {
        let opened = self.store.open(&self.path.child(manifest::NAME)?);
        let (_, content) = found(opened, manifest::NAME)?;
        match manifest::scan(content, f)? {
            Scanned::Stopped => Ok(()),
            Scanned::Whole(digest) if digest == self.tag_digest(manifest::NAME)? => Ok(()),
            Scanned::Whole(_) | Scanned::Malformed => Err(damaged(manifest::NAME)),
        }
    }

    /// What is known of a file on the disk; none if it is missing there.
    pub(crate) fn status(&self, name: &str) -> Result<Option<Status>> {
        match self.store.stat(&self.file(name)?) {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn file(&self, name: &str) -> Result<Path> {
        Ok(self.path.child(DATA)?.join(&Path::new(name)?))
    }

    fn open(&self, name: &str) -> Result<(Status, Reader<'static>)> {
        found(self.store.open(&self.file(name)?), name)
    }

    /// A file's digest in the manifest; none if it is not part of what was published.
    fn digest_of(&self, name: &str) -> Result<Option<String>> {
        let mut found = None;
        self.scan(|line| {
            if line.name != name {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(line.digest.to_owned());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The error of a file that is not as the manifest says: it may be the manifest that changed.
    fn blame(&self, name: &str) -> Error {
        match self.scan(|_| Ok(ControlFlow::Continue(()))) {
            Ok(()) => damaged(name),
            Err(error) => error,
        }
    }

    fn tag_digest(&self, name: &str) -> Result<String> {
        let tags = self.tag_file(bag::TAG_MANIFEST)?;
        let digest = bag::tag_digest(&tags, name);
        let digest = digest.ok_or_else(|| damaged(bag::TAG_MANIFEST))?;
        Ok(digest.to_owned())
    }

    fn tag_file(&self, name: &'static str) -> Result<String> {
        let (status, mut content) = found(self.store.open(&self.path.child(name)?), name)?;
        if status.size > bag::TAG_FILE_MAX as u64 {
            return Err(damaged(name));
        }
        let bytes = content.read_all(bag::TAG_FILE_MAX)?;
        String::from_utf8(bytes).map_err(|_| damaged(name))
    }
}

fn found<T>(result: Result<T>, name: &str) -> Result<T> {
    result.map_err(|error| match error.kind() {
        // Something else in its place is as bad as nothing.
        Kind::NotFound | Kind::Conflict | Kind::Invalid => missing(name),
        _ => error,
    })
}

fn missing(name: &str) -> Error {
    Error::internal("the archive is damaged: a published file is missing").about(name)
}

fn damaged(name: &str) -> Error {
    Error::internal("the archive is damaged: a published file has changed").about(name)
}
