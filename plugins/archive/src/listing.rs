//! Lists of projects and of files, page by page.

use std::ops::ControlFlow;

use tenon_sdk::{
    Error, Kind, Path, Result,
    file_store::{self, Folders, Item, ListRequest, Listing, walk},
    repository::{DepositedFile, Page, PageRequest, Project},
    warn,
};

use crate::{
    document,
    owner::Owner,
    project::{Id, Place, drafts},
    published::Bag,
    store::Store,
};

/// Projects or files of a page, whatever is asked for.
const PAGE_MAX: u32 = 1000;
/// Bytes of documents after which a page is full: they are held until it is.
const PAGE_BYTES_MAX: usize = 8 << 20;

/// The owner's projects that are no more than drafts.
pub(crate) fn projects(
    store: &Store,
    owner: &Owner,
    request: PageRequest<'_>,
) -> Result<Page<Project>> {
    let max = page_size(request)?;
    let items = match store.list(&drafts(owner)?, request.after, max) {
        // Nobody has made one.
        Err(error) if error.kind() == Kind::NotFound => Vec::new(),
        items => items?,
    };
    let mut page = Page {
        next: (items.len() >= max as usize).then(String::new),
        items: Vec::new(),
    };
    let (mut bytes, mut last) = (0, None);
    for item in items {
        if bytes > PAGE_BYTES_MAX {
            page.next = Some(String::new());
            break;
        }
        if let Ok(id) = Id::parse(&item.name) {
            let document = Place::new(store, owner, &id)?.draft_document();
            match document.and_then(document::object) {
                Ok(metadata) => {
                    bytes += metadata.len();
                    let id = id.to_string();
                    page.items.push(Project { id, metadata });
                }
                // Published or removed meanwhile.
                Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Conflict) => {}
                // Spoiled by another tool, and to be put right by its owner, who must see it.
                Err(error) if matches!(error.kind(), Kind::Internal | Kind::Invalid) => {
                    warn!("project {id} is listed without its metadata: {error}");
                    page.items.push(Project {
                        id: id.to_string(),
                        metadata: "{}".to_owned(),
                    });
                }
                Err(error) => return Err(error.about(item.name)),
            }
        }
        last = Some(item.name);
    }
    page.next = page.next.and(last);
    Ok(page)
}

impl Place<'_> {
    /// The project's files, published or not. The crate document is not one of them.
    pub(crate) fn files(&self, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        let listed = Tree(self.store).walk(ListRequest {
            folder: &self.data()?,
            recursive: true,
            after: request.after,
            max: page_size(request)?,
        });
        match listed {
            Ok(page) => Ok(Page {
                items: page
                    .entries
                    .into_iter()
                    .filter(|entry| entry.path != document::NAME)
                    .map(|entry| file(&entry.path, entry.size, String::new()))
                    .collect(),
                next: page.next,
            }),
            Err(error) if error.kind() == Kind::NotFound => {
                let absent = || Error::internal("the project's data folder is missing");
                self.bag(absent)?.files(request)
            }
            // The host's word on the folder would not mean anything to the caller.
            Err(error) => Err(Error::new(error.kind(), error.message())),
        }
    }
}

impl Bag<'_> {
    /// What was published, each file with its digest, and with a word where it is missing.
    fn files(&self, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        let max = page_size(request)? as usize;
        let mut items = Vec::new();
        let mut skipping = request.after.is_some();
        let mut more = false;
        self.scan(|line| {
            if skipping {
                skipping = request.after != Some(line.name);
            } else if line.name == document::NAME {
                // Described, not listed.
            } else if items.len() < max {
                let status = self.status(line.name)?;
                let missing = if status.is_none() {
                    ",\"missing\":true"
                } else {
                    ""
                };
                let details = format!("{{\"sha256\":\"{}\"{missing}}}", line.digest);
                items.push(file(line.name, status.map(|status| status.size), details));
            } else {
                more = true;
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if skipping {
            return Err(Error::invalid("no page ended there").about("after"));
        }
        let last = items.last().map(|file| file.id.clone());
        Ok(Page {
            next: last.filter(|_| more),
            items,
        })
    }
}

fn file(name: &str, size: Option<u64>, details: String) -> DepositedFile {
    DepositedFile {
        id: name.to_owned(),
        name: name.to_owned(),
        size,
        details,
    }
}

fn page_size(request: PageRequest<'_>) -> Result<u32> {
    match request.max {
        0 => Err(Error::invalid("a page must have room for an entry").about("max")),
        max => Ok(max.min(PAGE_MAX)),
    }
}

/// The folders of the root, to be walked.
pub(crate) struct Tree<'a>(pub(crate) &'a Store);

impl Tree<'_> {
    pub(crate) fn walk(&self, request: ListRequest<'_>) -> Result<file_store::Page> {
        walk(self, request)
    }
}

impl Folders for Tree<'_> {
    fn items(&self, folder: &Path, after: Option<&str>, max: u32) -> Result<Listing> {
        let max = max.min(PAGE_MAX);
        let listed = self.0.list(folder, after, max)?;
        Ok(Listing {
            more: listed.len() >= max as usize,
            items: listed
                .into_iter()
                .map(|item| Item {
                    name: item.name,
                    folder: item.status.folder,
                    size: (!item.status.folder).then_some(item.status.size),
                    etag: Some(item.status.etag),
                })
                .collect(),
        })
    }
}
