//! Every operation there is, with JSON in and out.

mod content;
mod database;
mod file_store;
mod lifecycle;
mod message_log;
mod metadata_store;
pub(super) mod packed;
mod processor;
mod repository;
mod rest;

use std::path::PathBuf;
use std::time::Instant;

use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

use self::content::Content;
use super::arguments::{ArgumentError, Arguments};
use super::stage::{Stage, StageError};
use super::watched::{Ended, Used};
use crate::dispatch::{self, Sink};
use crate::plugin::Role;

/// Items in a page when the arguments do not say.
const PAGE_ITEMS: u32 = 100;

/// An operation, for help and look-up.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// `role.operation`.
    pub name: &'static str,
    /// Its role.
    pub role: Role,
    /// Arguments it takes, as an example.
    pub example: &'static str,
}

const fn operation(role: Role, name: &'static str, example: &'static str) -> Operation {
    Operation {
        name,
        role,
        example,
    }
}

/// Every operation, by role.
pub const OPERATIONS: [Operation; 29] = [
    operation(Role::Lifecycle, "lifecycle.describe", "{}"),
    operation(Role::Lifecycle, "lifecycle.check", "{}"),
    operation(
        Role::FileStore,
        "file-store.list-folder",
        r#"{"path": "", "recursive": true, "max": 100, "after": null}"#,
    ),
    operation(Role::FileStore, "file-store.stat", r#"{"path": "a.txt"}"#),
    operation(
        Role::FileStore,
        "file-store.read",
        r#"{"path": "a.txt", "offset": 0}"#,
    ),
    operation(
        Role::FileStore,
        "file-store.write",
        r#"{"path": "a.txt", "content": "text"}  or  {"path": "a.bin", "content_file": "local.bin"}"#,
    ),
    operation(Role::FileStore, "file-store.delete", r#"{"path": "a.txt"}"#),
    operation(
        Role::Repository,
        "repository.list-projects",
        r#"{"max": 100, "after": null}"#,
    ),
    operation(Role::Repository, "repository.get-project", r#"{"id": "1"}"#),
    operation(
        Role::Repository,
        "repository.create-project",
        r#"{"metadata": {"title": "Tides"}}"#,
    ),
    operation(
        Role::Repository,
        "repository.update-project",
        r#"{"id": "1", "metadata": {"title": "Tides"}}"#,
    ),
    operation(
        Role::Repository,
        "repository.publish-project",
        r#"{"id": "1"}"#,
    ),
    operation(
        Role::Repository,
        "repository.delete-project",
        r#"{"id": "1"}"#,
    ),
    operation(
        Role::Repository,
        "repository.list-files",
        r#"{"project": "1", "max": 100, "after": null}"#,
    ),
    operation(
        Role::Repository,
        "repository.add-file",
        r#"{"project": "1", "name": "a/b.csv", "content_file": "local.csv"}"#,
    ),
    operation(
        Role::Repository,
        "repository.read-file",
        r#"{"project": "1", "file": "7"}"#,
    ),
    operation(
        Role::Repository,
        "repository.delete-file",
        r#"{"project": "1", "file": "7"}"#,
    ),
    operation(
        Role::Repository,
        "repository.delete-files",
        r#"{"project": "1"}"#,
    ),
    operation(
        Role::MetadataStore,
        "metadata-store.fetch",
        r#"{"reference": "a-key"}"#,
    ),
    operation(Role::Database, "database.dialect", "{}"),
    operation(
        Role::Database,
        "database.execute",
        r#"{"script": "SELECT %(n)s AS n", "parameters": {"n": 1}}"#,
    ),
    operation(Role::MessageLog, "message-log.initialize", "{}"),
    operation(Role::MessageLog, "message-log.get", r#"{"uuid": "1"}"#),
    operation(
        Role::MessageLog,
        "message-log.update",
        r#"{"uuid": "1", "status": "DONE", "info": null, "results": {}}"#,
    ),
    operation(Role::Processor, "processor.accepts", "{}"),
    operation(Role::Processor, "processor.initialize", "{}"),
    operation(
        Role::Processor,
        "processor.execute",
        r#"{"uuid": "1", "media_type": "text/plain", "metadata": {}, "content_file": "local.txt"}"#,
    ),
    operation(Role::Rest, "resources.routes", "{}"),
    operation(
        Role::Rest,
        "resources.handle",
        r#"{"method": "GET", "path": "/uuid/1", "content": ""}"#,
    ),
];

/// A call to make.
#[derive(Debug, Clone)]
pub struct Request {
    /// `role.operation`.
    pub operation: String,
    /// Its arguments.
    pub arguments: Value,
    /// Where contents go; kept in memory otherwise.
    pub out: Option<PathBuf>,
}

/// The answer of a call that succeeded.
#[derive(Debug)]
pub struct Answer {
    /// What it returned, as JSON.
    pub result: Value,
    /// The contents it sent, unless they went to a file.
    pub content: Option<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// No such operation.
    #[error("there is no operation `{0}`; --help lists them all")]
    Unknown(String),
    /// It cannot be called like that.
    #[error("{operation}: {error}, for example {example}")]
    Arguments {
        /// The operation.
        operation: &'static str,
        /// What is wrong.
        error: ArgumentError,
        /// How it can be called.
        example: &'static str,
    },
    /// The component cannot be called at all.
    #[error(transparent)]
    Refused(StageError),
    /// The component is something else.
    #[error("the component does not play `{0}`")]
    NoRole(Role),
    /// The call ended otherwise.
    #[error("{0}")]
    Ended(Box<Ended>),
    /// What it sent cannot be kept.
    #[error("{0}")]
    Output(String),
}

impl From<StageError> for Failed {
    fn from(error: StageError) -> Self {
        Self::Refused(error)
    }
}

impl Failed {
    /// How the call ended, if there was one.
    pub fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Ended(ended) => Some(ended),
            _ => None,
        }
    }
}

impl From<Ended> for Failed {
    fn from(ended: Ended) -> Self {
        Self::Ended(Box::new(ended))
    }
}

/// What a role's file gives back, once its arguments are right.
type Called = Result<Answer, Failed>;

/// Runs one call. What it used is told however it ended.
pub async fn run(stage: &Stage, request: Request) -> (Result<Answer, Failed>, Option<Used>) {
    let name = request.operation.clone();
    let known = OPERATIONS.iter().find(|known| known.name == name);
    let Some(known) = known else {
        return (Err(Failed::Unknown(name)), None);
    };
    if !stage.offers(known.role) {
        return (Err(Failed::NoRole(known.role)), None);
    }
    let call = Caller {
        stage,
        known,
        out: request.out,
    };
    let began = Instant::now();
    let called = match Arguments::new(request.arguments) {
        Err(error) => Err(error),
        Ok(arguments) => match known.role {
            Role::FileStore => file_store::run(&call, arguments).await,
            Role::Repository => repository::run(&call, arguments).await,
            Role::MetadataStore => metadata_store::run(&call, arguments).await,
            Role::Database => database::run(&call, arguments).await,
            Role::MessageLog => message_log::run(&call, arguments).await,
            Role::Processor => processor::run(&call, arguments).await,
            Role::Rest => rest::run(&call, arguments).await,
            Role::Lifecycle | Role::Handoff => lifecycle::run(&call, arguments).await,
        },
    };
    let answer = called.unwrap_or_else(|error| {
        Err(Failed::Arguments {
            operation: known.name,
            error,
            example: known.example,
        })
    });
    let outcome = match &answer {
        Ok(_) => "ok",
        Err(failed) => failed.ended().map_or("", |ended| ended.outcome),
    };
    let used = stage.watch().used(known.name, outcome, began.elapsed());
    (answer, used)
}

/// One call of one operation.
struct Caller<'a> {
    stage: &'a Stage,
    known: &'a Operation,
    out: Option<PathBuf>,
}

impl Caller<'_> {
    /// The operation's name without its role.
    fn verb(&self) -> &str {
        let name = self.known.name;
        name.split_once('.').map_or(name, |(_, verb)| verb)
    }

    async fn call<O: dispatch::Operation>(
        &self,
        operation: O,
        show: impl FnOnce(O::Output) -> Value,
    ) -> Called {
        let output = self.stage.call(operation).await?;
        Ok(Answer {
            result: show(output),
            content: None,
        })
    }

    /// Runs an operation that sends bytes, to its last.
    async fn stream<O>(&self, operation: impl FnOnce(Sink) -> O) -> Called
    where
        O: dispatch::Operation<Output = ()>,
    {
        let content = Content::new(self.out.as_deref())?;
        let started = self.stage.stream(operation).await?;
        let mut result = Map::new();
        let head = started.head;
        result.insert("size".to_owned(), json!(head.size));
        result.insert("media_type".to_owned(), json!(head.media_type));
        result.insert("etag".to_owned(), json!(head.etag));
        self.receive(result, started.body, content).await
    }

    /// Has the plugin answer a request, to its last byte.
    async fn respond(&self, request: dispatch::Request) -> Called {
        let content = Content::new(self.out.as_deref())?;
        let answer = self.stage.respond(request).await?;
        let head = rest::head(&answer);
        self.receive(head, answer.into_body(), content).await
    }

    async fn receive(
        &self,
        mut result: Map<String, Value>,
        mut body: dispatch::Body,
        mut content: Content<'_>,
    ) -> Called {
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|aborted| self.stage.watch().broken_off(&aborted.to_string()))?;
            if let Ok(bytes) = frame.into_data() {
                content.add(&bytes)?;
            }
        }
        result.insert("bytes".to_owned(), json!(content.bytes));
        Ok(Answer {
            result: Value::Object(result),
            content: content.finish()?,
        })
    }
}
