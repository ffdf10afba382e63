//! A caller of the connector under test.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use http_body_util::BodyExt as _;
use secrecy::SecretString;

use crate::dispatch::file_store::{Delete, Entry, ListFolder, Page, Read, Stat, Write};
use crate::dispatch::{
    Aborted, Call, ConnectorId, Dispatcher, Error, Head, Operation, Request, Response, Sink, Upload,
};

/// Makes calls as one user.
#[derive(Debug, Clone)]
pub(super) struct Client {
    dispatcher: Arc<Dispatcher>,
    connector: ConnectorId,
    pub(super) user: String,
    pub(super) credential: Option<SecretString>,
}

/// A file's bytes, whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) head: Head,
    pub(super) bytes: Bytes,
}

/// Why there are no bytes, or not all.
#[derive(Debug)]
pub(super) enum Unread {
    /// Refused before the first one.
    Refused(Error),
    /// Broken off after `begin`.
    Broken(Aborted),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => f.write_str(&super::expect::shown(error)),
            Self::Broken(aborted) => write!(f, "{aborted}"),
        }
    }
}

/// A piece of an upload, or its breaking off.
pub(super) type Piece = Result<Bytes, Aborted>;

/// An upload of these bytes in one piece.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Vec<Piece> {
    vec![Ok(bytes.into())]
}

/// An upload that breaks off after these bytes.
pub(super) fn broken(bytes: impl Into<Bytes>) -> Vec<Piece> {
    vec![Ok(bytes.into()), Err(Aborted::new("the caller hung up"))]
}

/// The stream of an upload.
pub(super) fn upload(pieces: Vec<Piece>) -> Upload {
    Upload::new(stream::iter(pieces))
}

impl Client {
    pub(super) fn new(dispatcher: Arc<Dispatcher>, connector: ConnectorId) -> Self {
        Self {
            dispatcher,
            connector,
            user: "tenon-conformance".to_owned(),
            credential: None,
        }
    }

    /// The same connector, called by somebody else.
    pub(super) fn of(&self, user: &str, credential: &str) -> Self {
        Self {
            user: user.to_owned(),
            credential: Some(credential.into()),
            ..self.clone()
        }
    }

    fn prepare(&self) -> Call {
        Call {
            connector: self.connector.clone(),
            request_id: uuid::Uuid::now_v7().to_string(),
            user: Some(self.user.clone()),
            credential: self.credential.clone(),
            trace_parent: None,
            alone: false,
        }
    }

    /// Runs any operation.
    pub(super) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        self.dispatcher.call(self.prepare(), operation).await
    }

    /// Has a request answered.
    pub(super) async fn respond(&self, request: Request) -> Result<Response, Error> {
        self.dispatcher.respond(self.prepare(), request).await
    }

    /// Begins an operation that sends bytes.
    pub(super) async fn begin<O: Operation<Output = ()>>(
        &self,
        operation: impl FnOnce(Sink) -> O,
    ) -> Result<crate::dispatch::Started, Unread> {
        let started = self.dispatcher.stream(self.prepare(), operation).await;
        started.map_err(Unread::Refused)
    }

    /// Runs an operation that sends bytes, to its end.
    pub(super) async fn fetch<O: Operation<Output = ()>>(
        &self,
        operation: impl FnOnce(Sink) -> O,
    ) -> Result<Content, Unread> {
        let started = self.begin(operation).await?;
        let collected = started.body.collect().await.map_err(Unread::Broken)?;
        Ok(Content {
            head: started.head,
            bytes: collected.to_bytes(),
        })
    }

    pub(super) async fn list(
        &self,
        path: &str,
        recursive: bool,
        after: Option<String>,
        max: u32,
    ) -> Result<Page, Error> {
        let path = path.to_owned();
        self.call(ListFolder {
            path,
            recursive,
            after,
            max,
        })
        .await
    }

    pub(super) async fn stat(&self, path: &str) -> Result<Entry, Error> {
        let path = path.to_owned();
        self.call(Stat { path }).await
    }

    pub(super) async fn read(&self, path: &str, offset: u64) -> Result<Content, Unread> {
        let path = path.to_owned();
        self.fetch(|into| Read { path, offset, into }).await
    }

    pub(super) async fn write(
        &self,
        path: &str,
        size: Option<u64>,
        pieces: Vec<Piece>,
    ) -> Result<Entry, Error> {
        let path = path.to_owned();
        let content = upload(pieces);
        self.call(Write {
            path,
            size,
            content,
        })
        .await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), Error> {
        let path = path.to_owned();
        self.call(Delete { path }).await
    }
}
