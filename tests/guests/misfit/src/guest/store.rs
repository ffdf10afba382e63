//! The store, and the faults of its operations.

use std::sync::Mutex;

use tenon_sdk::file_store::{
    Entry, FileStore, Folders, Head, Item, ListRequest, Listing, Page, Reader, Sink, walk,
};
use tenon_sdk::files::Status;
use tenon_sdk::{Error, Kind, Path, Result, call};

use super::{Misfit, fault, spool};

/// Longest path that the fault of `paths-malformed` takes.
const PATH_MAX: usize = 1000;

/// Whoever made the call before; what the fault of `residue` tells of.
static BEFORE: Mutex<Option<String>> = Mutex::new(None);

fn entry(path: &Path, status: Status) -> Entry {
    Entry {
        path: path.to_string(),
        folder: status.folder,
        size: (!status.folder).then_some(status.size),
        etag: Some(status.etag),
    }
}

/// Where the path leads: elsewhere, with the fault of `names`.
fn decoded(path: &Path) -> Result<Path> {
    match fault("names") {
        true => Path::new(&path.as_str().replace("%41", "A").replace("%25", "%")),
        false => Ok(path.clone()),
    }
}

impl Folders for Misfit {
    fn items(&self, folder: &Path, after: Option<&str>, max: u32) -> Result<Listing> {
        let max = max.min(1024);
        let items = self.root.list(folder, after, max)?;
        let more = items.len() >= max as usize;
        let item = |item: tenon_sdk::files::Item| Item {
            name: item.name,
            folder: item.status.folder,
            size: (!item.status.folder).then_some(item.status.size),
            etag: Some(item.status.etag),
        };
        let items = items.into_iter().map(item).collect();
        Ok(Listing { items, more })
    }
}

impl Misfit {
    fn listed(&self, request: ListRequest<'_>) -> Result<Page> {
        match walk(self, request) {
            Err(error) if error.kind() == Kind::NotFound && fault("list-missing") => {
                Ok(Page::default())
            }
            Err(error) if error.kind() != Kind::NotFound => match self.root.stat(request.folder) {
                Ok(status) if !status.folder && !fault("list-file") => Ok(Page::default()),
                _ => Err(error),
            },
            page => page,
        }
    }

    fn leak(&self, path: &Path) {
        if fault("memory") {
            // Seen by nobody, it would not even be allocated.
            std::hint::black_box(Box::leak(vec![1_u8; 64 << 10].into_boxed_slice()));
        }
        if fault("handles") {
            std::mem::forget(self.root.open(path, 0));
        }
        if fault("cpu") {
            loop {
                std::hint::spin_loop();
            }
        }
    }
}

impl FileStore for Misfit {
    fn list_folder(&self, mut request: ListRequest<'_>) -> Result<Page> {
        if let Some(after) = request.after
            && fault("list-cursor")
        {
            let cursor = request.folder.join(&Path::new(after).expect("a cursor"));
            self.root.stat(&cursor).expect("a cursor of an entry");
        }
        if fault("list-max") {
            request.max += 1;
        }
        let mut page = self.listed(request)?;
        if fault("list-root") {
            page.entries
                .iter_mut()
                .for_each(|entry| entry.path.insert(0, '/'));
        }
        if fault("list-recursive") {
            page.entries
                .retain(|entry| entry.path.matches('/').count() < 2);
        }
        if let [.., last, _] = page.entries.as_slice()
            && page.next.is_some()
            && fault("list-pages")
        {
            page.next = Some(last.path.clone());
        }
        Ok(page)
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        assert!(
            path.as_str().len() <= PATH_MAX || !fault("paths-malformed"),
            "a long path"
        );
        self.leak(path);
        let mut before = BEFORE.lock().expect("no panic before");
        let before = std::mem::replace(&mut *before, call::current().user);
        let status = match self.root.stat(&decoded(path)?) {
            Ok(status) => status,
            Err(error) if error.kind() == Kind::NotFound && fault("stat-missing") => Status {
                folder: false,
                size: 0,
                etag: String::new(),
            },
            Err(error) if fault("residue") => {
                return Err(error.noting(&format!("{before:?} was here before")));
            }
            Err(error) => return Err(error.about(path.as_str())),
        };
        let mut entry = entry(path, status);
        if fault("stat-listed") {
            entry.size = entry.size.map(|size| size + 1);
        }
        if path.is_root() && fault("stat-root") {
            entry.folder = false;
        }
        if fault("repeatable") {
            entry.etag = Some(call::current().request_id);
        }
        Ok(entry)
    }

    fn read(&self, path: &Path, offset: u64, into: Sink<'_>) -> Result<()> {
        let path = &decoded(path)?;
        let offset = if fault("read-offset") { 0 } else { offset };
        let opened = self.root.open(path, offset);
        if fault("read-begin") && opened.is_ok() {
            return Ok(());
        }
        if fault("read-end") {
            let status = self.root.stat(path)?;
            assert!(status.folder || offset < status.size, "nothing to read");
        }
        let (status, mut content) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let folder = self.root.stat(path).is_ok_and(|status| status.folder);
                return match error.kind() {
                    Kind::NotFound if fault("read-missing") => {
                        into.send_bytes(Head::default(), b"")
                    }
                    _ if folder && fault("read-folder") => into.send_bytes(Head::default(), b""),
                    _ if folder => Err(Error::invalid("a folder is not a file")),
                    _ => Err(error),
                };
            }
        };
        let mut head = Head::default();
        if fault("read-size") {
            head.size = Some(status.size + 1 - offset);
        }
        if fault("read-whole") {
            let mut bytes = content.read_all(16 << 20)?;
            bytes.pop();
            return into.begin(head)?.write_all(&bytes);
        }
        let sent = into.send(head, &mut content);
        if sent.is_err() && fault("read-cancelled") {
            loop {
                std::hint::spin_loop();
            }
        }
        sent
    }

    fn write(&self, path: &Path, size: Option<u64>, content: &mut Reader<'_>) -> Result<Entry> {
        if self.read_only {
            return Err(Error::unsupported("this store is read-only"));
        }
        if size == Some(0) && fault("write-empty") {
            return Ok(Entry {
                path: path.to_string(),
                ..Entry::default()
            });
        }
        if size.is_none() && fault("write-unknown-size") {
            return Err(Error::invalid("the size must be known"));
        }
        let stored = &decoded(path)?;
        if fault("write-again") && self.root.stat(stored).is_ok() {
            return Err(Error::conflict("there is a file already"));
        }
        let status = if fault("write-read") {
            spool::without_last(&self.root, stored, content)?
        } else if fault("write-broken") {
            spool::what_came(&self.root, stored, content)?
        } else if fault("write-wrong-size") {
            self.root.write(stored, None, content)?
        } else {
            self.root.write(stored, size, content)?
        };
        Ok(entry(path, status))
    }

    fn delete(&self, path: &Path) -> Result<()> {
        if fault("delete") || fault("changes-refused") {
            return Ok(());
        }
        if self.read_only {
            return Err(Error::unsupported("this store is read-only"));
        }
        match self.root.remove(&decoded(path)?) {
            Err(error) if error.kind() == Kind::NotFound && fault("delete-missing") => Ok(()),
            removed => removed,
        }
    }
}
