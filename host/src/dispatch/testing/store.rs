//! The role `file-store` of the plugin in memory.

use super::{Running, failure, page, send};
use crate::dispatch::{Sink, Upload};
use crate::plugin::{Failure, FileStore, file_store};

#[wasmtime_wasi::async_trait]
impl FileStore for Running {
    async fn list_folder(
        &mut self,
        path: &str,
        _recursive: bool,
        after: Option<&str>,
        _max: u32,
    ) -> Result<file_store::Page, Failure> {
        let contents = self.note(format_args!("list-folder {path}"));
        let below = |name: &str| match path {
            "" => Some(name.to_owned()),
            _ => Some(name.strip_prefix(path)?.strip_prefix('/')?.to_owned()),
        };
        let names: Vec<_> = contents
            .files
            .keys()
            .filter_map(|name| below(name))
            .collect();
        if names.is_empty() {
            return Err(failure("not-found", "no such folder"));
        }
        let (names, next) = page(names, after);
        let entry = |path| file_store::Entry {
            path,
            folder: false,
            size: None,
            etag: None,
        };
        Ok(file_store::Page {
            entries: names.into_iter().map(entry).collect(),
            next,
        })
    }

    async fn stat(&mut self, _path: &str) -> Result<file_store::Entry, Failure> {
        Err(failure("unsupported", "nobody asks"))
    }

    async fn read(&mut self, path: &str, _offset: u64, into: Sink) -> Result<(), Failure> {
        let found = self
            .note(format_args!("read {path}"))
            .files
            .get(path)
            .cloned();
        let content = found.ok_or_else(|| failure("not-found", "no such file"))?;
        if path.contains("unreadable") {
            return Err(failure("denied", "not for you"));
        }
        let whole = !path.contains("broken");
        send(into, &content, whole).await
    }

    async fn write(
        &mut self,
        _path: &str,
        _size: Option<u64>,
        _content: Upload,
    ) -> Result<file_store::Entry, Failure> {
        Err(failure("unsupported", "nobody asks"))
    }

    async fn delete(&mut self, _path: &str) -> Result<(), Failure> {
        Err(failure("unsupported", "nobody asks"))
    }
}
