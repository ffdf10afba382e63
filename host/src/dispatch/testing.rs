//! A plugin in memory, for the tests of frontends: what it is asked and what
//! it keeps can be looked at, and it fails wherever a test needs it to.

mod repository;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use bytes::Bytes;

use super::{Connector, Dispatcher, Head, Parts, Scheduler, Sink, Tenant, Version};
use crate::bindings::types::{Delay, Detail, Error};
use crate::capability::Grants;
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::digest::Digest;
use crate::limits::{Limits, TenantLimits};
use crate::plugin::{
    CpuMeter, Engine, EngineConfig, Failure, FileStore, Launcher, Lifecycle, Repository, Role,
    Sandbox, lifecycle,
};
use crate::telemetry::metrics::Metrics;

/// Items in a page, whatever is asked for.
const PAGE: usize = 2;

/// What the plugin keeps.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Its projects, oldest first.
    pub projects: Vec<Deposit>,
    /// The files of its store, by path.
    pub files: BTreeMap<String, String>,
    /// Operations in order, as `<user> <operation> <arguments>`.
    pub asked: Vec<String>,
    made: usize,
}

/// A project.
#[derive(Debug, Default)]
pub(crate) struct Deposit {
    pub id: String,
    pub metadata: String,
    pub files: Vec<Kept>,
}

/// A file of a project.
#[derive(Debug)]
pub(crate) struct Kept {
    pub id: String,
    pub name: String,
    pub content: String,
}

/// The plugin. Clones share what it keeps.
///
/// A project `error-<outcome>` answers every operation with that outcome. Of
/// its store, a file with `unreadable` in its path cannot be read, and one with
/// `broken` fails half-way. A file added as `careless` is kept even where its
/// upload broke off.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<Contents>>);

impl Shelf {
    pub(crate) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap()
    }

    pub(crate) fn with_project(self, id: &str, metadata: &str) -> Self {
        self.contents().projects.push(Deposit {
            id: id.to_owned(),
            metadata: metadata.to_owned(),
            files: Vec::new(),
        });
        self
    }

    pub(crate) fn with_file(self, path: &str, content: &str) -> Self {
        self.contents()
            .files
            .insert(path.to_owned(), content.to_owned());
        self
    }

    /// The names and contents of a project's files.
    pub(crate) fn kept(&self, project: &str) -> Vec<(String, String)> {
        let contents = self.contents();
        let mut projects = contents.projects.iter();
        let files = &projects.find(|found| found.id == project).unwrap().files;
        files
            .iter()
            .map(|file| (file.name.clone(), file.content.clone()))
            .collect()
    }
}

/// An engine that only counts ticks.
pub(super) fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let small = EngineConfig {
            sandboxes_max: 1,
            ..EngineConfig::default()
        };
        Engine::new(&small).unwrap()
    });
    engine.clone()
}

/// A dispatcher whose connectors are such plugins.
pub(crate) fn dispatcher(plugins: &[(&str, &Shelf)]) -> Dispatcher {
    let metrics = Metrics::new().unwrap();
    let dispatcher = Dispatcher::new(Scheduler::new(1).unwrap());
    dispatcher.replace(plugins.iter().map(|&(id, shelf)| {
        let parts = Parts {
            id: id.parse().unwrap(),
            engine: engine(),
            limits: Arc::new(Limits::default()),
            tenant: Arc::new(Tenant::new(&TenantLimits::default())),
            metrics: metrics.for_connector(id),
            usage: Usage::new(&Grants::default(), &Arc::default()),
        };
        let version = Version::new(Digest::of(b"shelf"), Arc::new(shelf.clone()));
        Arc::new(Connector::with_version(parts, version))
    }));
    dispatcher
}

#[wasmtime_wasi::async_trait]
impl Launcher for Shelf {
    fn offers(&self, _role: Role) -> bool {
        true
    }

    async fn launch(
        &self,
        context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        Ok(Box::new(Running {
            shelf: self.clone(),
            context,
        }))
    }
}

struct Running {
    shelf: Shelf,
    context: Arc<Context>,
}

impl Running {
    fn note(&self, asked: std::fmt::Arguments<'_>) -> MutexGuard<'_, Contents> {
        let user = self.context.user.as_deref().unwrap_or("-");
        let credential = self.context.credential.as_ref().map_or("", |_| "+key");
        let mut contents = self.shelf.contents();
        contents.asked.push(format!("{user}{credential} {asked}"));
        contents
    }
}

impl Contents {
    fn project(&mut self, id: &str) -> Result<&mut Deposit, Failure> {
        if let Some(outcome) = id.strip_prefix("error-") {
            return Err(failure(outcome, "so it was asked"));
        }
        let mut projects = self.projects.iter_mut();
        projects
            .find(|project| project.id == id)
            .ok_or_else(|| failure("not-found", "no such project"))
    }
}

impl Deposit {
    fn file(&mut self, id: &str) -> Result<usize, Failure> {
        let found = self.files.iter().position(|file| file.id == id);
        found.ok_or_else(|| failure("not-found", "no such file"))
    }
}

fn failure(outcome: &str, message: &str) -> Failure {
    let detail = Detail {
        message: message.to_owned(),
        subject: None,
    };
    let delay = |detail| Delay {
        detail,
        after_ms: Some(1500),
    };
    Failure::Answered(match outcome {
        "invalid" => Error::Invalid(detail),
        "unauthenticated" => Error::Unauthenticated(detail),
        "denied" => Error::Denied(detail),
        "not-found" => Error::NotFound(detail),
        "conflict" => Error::Conflict(detail),
        "unsupported" => Error::Unsupported(detail),
        "rate-limited" => Error::RateLimited(delay(detail)),
        "unavailable" => Error::Unavailable(delay(detail)),
        _ => Error::Internal(detail),
    })
}

/// A page of what is listed, and where the next begins.
fn page<T>(items: Vec<T>, after: Option<&str>) -> (Vec<T>, Option<String>) {
    let from: usize = after.map_or(0, |after| after.parse().unwrap());
    let left = items.len().saturating_sub(from);
    let next = (left > PAGE).then(|| (from + PAGE).to_string());
    (items.into_iter().skip(from).take(PAGE).collect(), next)
}

impl Sandbox for Running {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn file_store(&mut self) -> Result<&mut dyn FileStore, Failure> {
        Ok(self)
    }

    fn repository(&mut self) -> Result<&mut dyn Repository, Failure> {
        Ok(self)
    }

    fn is_reused(&self) -> bool {
        false
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

#[wasmtime_wasi::async_trait]
impl Lifecycle for Running {
    async fn describe(&mut self) -> Result<lifecycle::Description, Failure> {
        Err(failure("unsupported", "it is of no kind"))
    }

    async fn check(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

async fn send(mut into: Sink, content: &str, whole: bool) -> Result<(), Failure> {
    let head = Head {
        size: Some(content.len() as u64),
        ..Head::default()
    };
    let mut writer = into
        .begin(head)
        .map_err(|rule| Failure::Contract(rule.to_string()))?;
    let (first, second) = content.split_at(content.len() / 2);
    writer
        .send(Bytes::copy_from_slice(first.as_bytes()))
        .await
        .unwrap();
    if !whole {
        return Err(failure("unavailable", "the line went dead"));
    }
    writer
        .send(Bytes::copy_from_slice(second.as_bytes()))
        .await
        .unwrap();
    Ok(())
}
