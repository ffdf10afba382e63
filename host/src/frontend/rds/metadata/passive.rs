//! Passive uploads: the caller names a folder of another service, and the
//! host moves its files.
//!
//! The bytes go from one sandbox into another without resting anywhere. A
//! file whose reading fails is never stored as whole: its target sees the
//! transfer break, and the answer names it. The others are moved all the
//! same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use http::StatusCode;
use http_body_util::BodyDataStream;
use serde_json::{Value, json};

use super::arrival::{Arrival, Asked};
use crate::dispatch::repository::AddFile;
use crate::dispatch::{Aborted, Body, Upload, file_store};
use crate::frontend::rds::body;
use crate::frontend::rds::caller::Caller;
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::storage::folder;
use crate::frontend::rds::storage::path::FilePath;
use crate::frontend::rds::user_id::UserId;

/// Adds the files below a folder to the project.
pub(super) async fn add(
    arrival: Arrival,
    project: String,
    request: Request,
) -> Result<Response, Refusal> {
    let body = body::bytes(request.into_body(), arrival.bounds()).await?;
    let form = Form::read(&body)?;
    let asked = arrival.in_the_name_of(form.user).await?;
    let target = &asked.arrival.target;
    let source = target.sibling(&asked.route.connector, &form.service);
    let source = source.ok_or_else(|| {
        let sentence = "The service to fetch the files from is no connector of this host.";
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })?;
    let reader = UserId {
        user: form.username.or_else(|| asked.user.user.clone()),
        ..UserId::default()
    };
    let Arrival {
        services, origin, ..
    } = &asked.arrival;
    // The form brings a name and no credential.
    let reader = services.caller(origin, &source, &reader).await?;
    let transfer = Transfer {
        asked: &asked,
        project: &project,
        reader: &reader,
    };
    transfer.all(&FilePath::new(&form.folder)).await
}

/// The fields of a passive upload.
struct Form {
    folder: String,
    service: String,
    username: Option<String>,
    user: UserId,
}

impl Form {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        let (mut folder, mut service, mut username) = (None, None, None);
        let mut user = UserId::default();
        for (name, text) in url::form_urlencoded::parse(body) {
            match &*name {
                "folder" => folder = Some(text.into_owned()),
                "service" => service = Some(text.into_owned()),
                "username" => username = Some(text.into_owned()),
                "userId" => user = UserId::parse(&text),
                _ => {}
            }
        }
        Ok(Self {
            folder: folder.ok_or_else(|| body::missing("folder"))?,
            service: service.ok_or_else(|| body::missing("service"))?,
            username: username.filter(|username| !username.is_empty()),
            user,
        })
    }
}

/// From where to where.
struct Transfer<'a> {
    asked: &'a Asked,
    project: &'a str,
    /// The user at the connector that has the files.
    reader: &'a Caller,
}

impl Transfer<'_> {
    async fn all(&self, folder: &FilePath) -> Result<Response, Refusal> {
        let services = &self.asked.arrival.services;
        let attempt = async |folder: String| {
            let listed = folder::files(services, self.reader, folder.clone());
            let files = listed.await?;
            Ok(files.map(|files| (folder, files)))
        };
        let (folder, files) = folder.find(attempt).await??;
        let mut stored = Vec::new();
        let mut failed = Failed::default();
        let mut hopeless: Option<Refusal> = None;
        for name in files {
            if let Some(refusal) = &hopeless {
                failed.add(name, refusal.clone());
                continue;
            }
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            match self.one(path, &name).await {
                Ok(()) => stored.push(name),
                Err(refusal) => {
                    // A credential that is no good does not get better with the next file.
                    if refusal.status == StatusCode::UNAUTHORIZED {
                        hopeless = Some(refusal.clone());
                    }
                    failed.add(name, refusal);
                }
            }
        }
        failed.answer(stored)
    }

    async fn one(&self, path: String, name: &str) -> Result<(), Refusal> {
        let read = |into| file_store::Read {
            path,
            offset: 0,
            into,
        };
        let dispatcher = &self.asked.arrival.services.dispatcher;
        let started = dispatcher.stream(self.reader.call(), read).await?;
        let size = started.head.size;
        let mut bytes = BodyDataStream::new(started.body);
        let first = bytes.try_next().await.map_err(|_| unread())?;
        let broken = Arc::new(AtomicBool::new(false));
        let add = AddFile {
            project: self.project.to_owned(),
            name: name.to_owned(),
            size,
            content: Upload::new(held_back(first, bytes, broken.clone())),
        };
        let added = self.asked.run(add).await;
        // Whatever the target makes of it, the file was not whole.
        if broken.load(Ordering::Acquire) {
            return Err(unread());
        }
        added?;
        Ok(())
    }
}

/// The bytes, each run of them handed on when the next has come. The last one
/// goes only after the whole file has been confirmed, so that a target which
/// counts its bytes cannot complete one that was broken off.
fn held_back(
    first: Option<Bytes>,
    bytes: BodyDataStream<Body>,
    broken: Arc<AtomicBool>,
) -> impl Stream<Item = Result<Bytes, Aborted>> + Send + 'static {
    let held = stream::try_unfold((first, bytes), |(held, mut bytes)| async {
        let Some(held) = held else {
            return Ok(None);
        };
        let next = bytes.try_next().await?;
        Ok(Some((held, (next, bytes))))
    });
    held.inspect_err(move |_: &Aborted| broken.store(true, Ordering::Release))
}

fn unread() -> Refusal {
    Refusal::new(
        StatusCode::BAD_GATEWAY,
        "The file could not be read to its end.",
    )
}

/// The files that were not stored, and why.
#[derive(Default)]
struct Failed {
    files: Vec<Value>,
    first: Option<Refusal>,
}

impl Failed {
    fn add(&mut self, name: String, refusal: Refusal) {
        let message = refusal.sentence();
        let described =
            json!({ "filename": name, "status": refusal.status.as_u16(), "message": message });
        self.files.push(described);
        self.first.get_or_insert(refusal);
    }

    /// Success only when nothing failed: the callers look at no more than the
    /// status, which is otherwise that of the first failure.
    fn answer(self, stored: Vec<String>) -> Result<Response, Refusal> {
        let Some(first) = self.first else {
            return Ok(Json(json!({ "success": true, "stored": stored })).into_response());
        };
        let all = stored.len() + self.files.len();
        let sentence = format!(
            "{} of {all} files were not stored. The first: {}",
            self.files.len(),
            first.sentence()
        );
        Err(first
            .saying(sentence)
            .with("stored", stored)
            .with("failed", self.files))
    }
}
