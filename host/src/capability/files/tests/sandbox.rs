//! A sandbox's side of `files` over a directory of its own.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime_wasi::p2::StreamError;

use super::super::files::Host as _;
use super::super::*;
use crate::capability::transfer::{Aborted, Upload};
use crate::capability::{self, Io};

/// A root `r` in a directory of its own, with a secret beside it.
pub(super) struct Sandbox {
    pub(super) outside: tempfile::TempDir,
    pub(super) context: Context,
    pub(super) grants: Grants,
    pub(super) usage: Arc<Usage>,
    pub(super) table: ResourceTable,
}

impl Sandbox {
    pub(super) fn new() -> Self {
        Self::with(Access::ReadWrite, Io::Inline)
    }

    pub(super) fn with(access: Access, io: Io) -> Self {
        let outside = tempfile::tempdir().unwrap();
        let path = outside.path().join("root");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(outside.path().join("secret"), "secret").unwrap();
        let root = Root::open(&path, access, io).unwrap();
        Self {
            outside,
            context: Context::new("r".into(), "c".into()),
            usage: Usage::new(&capability::Grants::default(), &Arc::default()),
            grants: Grants(BTreeMap::from([("r".to_owned(), root)])),
            table: ResourceTable::new(),
        }
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.outside.path().join("root").join(path)
    }

    pub(super) fn put(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(super) fn view(&mut self) -> View<'_> {
        View {
            context: &self.context,
            grants: &self.grants,
            usage: &self.usage,
            table: &mut self.table,
        }
    }

    pub(super) fn stat(&mut self, path: &str) -> Result<Status> {
        self.view().stat("r".into(), path.into())
    }

    pub(super) fn read(&mut self, path: &str, offset: u64) -> Result<String> {
        let (_, stream) = self.view().open("r".into(), path.into(), offset)?;
        let stream = self.table.get_mut(&stream).unwrap();
        let mut all = Vec::new();
        loop {
            match stream.read(7) {
                Ok(bytes) => all.extend_from_slice(&bytes),
                Err(StreamError::Closed) => return Ok(String::from_utf8(all).unwrap()),
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(super) fn list(
        &mut self,
        path: &str,
        after: Option<&str>,
        max: u32,
    ) -> Result<Vec<String>> {
        let after = after.map(str::to_owned);
        let items = self.view().list("r".into(), path.into(), after, max)?;
        Ok(items.into_iter().map(|item| item.name).collect())
    }

    pub(super) async fn write(
        &mut self,
        path: &str,
        size: Option<u64>,
        parts: Vec<std::result::Result<&'static str, Aborted>>,
    ) -> Result<Status> {
        let parts = parts.into_iter().map(|part| part.map(Into::into));
        let content: DynInputStream = Box::new(Upload::new(futures::stream::iter(parts)));
        let content = self.table.push(content).unwrap();
        self.view()
            .write("r".into(), path.into(), size, content)
            .await
    }

    /// Everything in the root, hidden files included.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}
