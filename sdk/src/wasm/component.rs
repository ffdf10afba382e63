//! Answers the host's calls with a plugin's methods. The only generic code between the two, so
//! that a plugin's own crate holds nothing but its export.

mod database;
mod processor;
mod repository;
#[cfg(feature = "rest")]
mod rest;

use std::marker::PhantomData;

use super::{
    bindings::{
        connector::{transfer::Sink as WitSink, types::Error as WitError},
        file_store::exports::tenon::connector::file_store,
        handoff::exports::tenon::connector::handoff,
        plugin::exports::tenon::connector::lifecycle,
        wasi::io::streams::InputStream,
    },
    stream,
};
use crate::{
    Path,
    export::Shared,
    file_store::{Entry, FileStore, ListRequest},
    handoff::Handoff,
    transfer::{Reader, Sink},
};

/// The component made of a plugin.
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

impl<P: Shared> lifecycle::Guest for Component<P> {
    fn describe() -> lifecycle::Description {
        let description = P::describe();
        lifecycle::Description {
            name: description.name,
            version: description.version,
            config_schema: description.config_schema,
            wants: description.wants,
        }
    }

    fn check() -> Result<(), WitError> {
        Ok(P::shared()?.check()?)
    }
}

impl<P: Shared + Handoff> handoff::Guest for Component<P> {
    fn save() -> Result<Vec<u8>, WitError> {
        Ok(P::shared()?.save()?)
    }

    fn restore(state: Vec<u8>) -> Result<(), WitError> {
        Ok(P::shared()?.restore(state)?)
    }
}

impl<P: Shared + FileStore> file_store::Guest for Component<P> {
    fn list_folder(
        path: String,
        recursive: bool,
        after: Option<String>,
        max: u32,
    ) -> Result<file_store::Page, WitError> {
        let folder = Path::new(&path)?;
        let request = ListRequest {
            folder: &folder,
            recursive,
            after: after.as_deref(),
            max,
        };
        let page = P::shared()?.list_folder(request)?;
        Ok(file_store::Page {
            entries: page.entries.into_iter().map(Into::into).collect(),
            next: page.next,
        })
    }

    fn stat(path: String) -> Result<file_store::Entry, WitError> {
        Ok(P::shared()?.stat(&Path::new(&path)?)?.into())
    }

    fn read(path: String, offset: u64, into: &WitSink) -> Result<(), WitError> {
        Ok(P::shared()?.read(&Path::new(&path)?, offset, Sink(stream::Sink(into)))?)
    }

    fn write(
        path: String,
        size: Option<u64>,
        content: &InputStream,
    ) -> Result<file_store::Entry, WitError> {
        let mut content = Reader::new(stream::Input::borrowed(content), size);
        Ok(P::shared()?
            .write(&Path::new(&path)?, size, &mut content)?
            .into())
    }

    fn delete(path: String) -> Result<(), WitError> {
        Ok(P::shared()?.delete(&Path::new(&path)?)?)
    }
}

impl From<Entry> for file_store::Entry {
    fn from(
        Entry {
            path,
            folder,
            size,
            etag,
        }: Entry,
    ) -> Self {
        Self {
            path,
            folder,
            size,
            etag,
        }
    }
}
