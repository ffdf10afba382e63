//! A plugin in memory, for the tests of frontends: what it is asked and what
//! it keeps can be looked at, and it fails wherever a test needs it to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use bytes::Bytes;

use super::{Connector, Dispatcher, Head, Parts, Scheduler, Sink, Tenant, Upload};
use crate::bindings::types::{Delay, Detail, Error};
use crate::capability::call::Context;
use crate::limits::{Limits, TenantLimits};
use crate::plugin::repository::{DepositedFile, FilePage, Project, ProjectPage};
use crate::plugin::{
    CpuMeter, Engine, EngineConfig, Failure, FileStore, Launcher, Lifecycle, Repository, Role,
    Sandbox, file_store, lifecycle,
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

/// A dispatcher whose connectors are such plugins.
pub(crate) fn dispatcher(plugins: &[(&str, &Shelf)]) -> Dispatcher {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let small = EngineConfig {
            sandboxes_max: 1,
            ..EngineConfig::default()
        };
        Engine::new(&small).unwrap()
    });
    let metrics = Metrics::new().unwrap();
    let dispatcher = Dispatcher::new(Scheduler::new(1).unwrap());
    dispatcher.replace(plugins.iter().map(|&(id, shelf)| {
        Connector::new(Parts {
            id: id.parse().unwrap(),
            launcher: Arc::new(shelf.clone()),
            engine: engine.clone(),
            limits: Arc::new(Limits::default()),
            tenant: Arc::new(Tenant::new(&TenantLimits::default())),
            metrics: metrics.for_connector(id),
        })
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

#[wasmtime_wasi::async_trait]
impl Repository for Running {
    async fn list_projects(
        &mut self,
        after: Option<&str>,
        _max: u32,
    ) -> Result<ProjectPage, Failure> {
        let contents = self.note(format_args!("list-projects"));
        let projects = contents.projects.iter().map(|project| Project {
            id: project.id.clone(),
            metadata: project.metadata.clone(),
        });
        let (projects, next) = page(projects.collect(), after);
        Ok(ProjectPage { projects, next })
    }

    async fn get_project(&mut self, id: &str) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("get-project {id}"));
        contents.project(id).map(|project| project.metadata.clone())
    }

    async fn create_project(&mut self, metadata: Option<&str>) -> Result<Project, Failure> {
        let mut contents = self.note(format_args!("create-project {metadata:?}"));
        let id = format!("p{}", contents.projects.len());
        let metadata = metadata.unwrap_or("{}").to_owned();
        contents.projects.push(Deposit {
            id: id.clone(),
            metadata: metadata.clone(),
            files: Vec::new(),
        });
        Ok(Project { id, metadata })
    }

    async fn update_project(
        &mut self,
        id: &str,
        metadata: Option<&str>,
    ) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("update-project {id} {metadata:?}"));
        let project = contents.project(id)?;
        project.metadata = metadata.unwrap_or("{}").to_owned();
        Ok(project.metadata.clone())
    }

    async fn publish_project(&mut self, id: &str) -> Result<String, Failure> {
        let mut contents = self.note(format_args!("publish-project {id}"));
        contents
            .project(id)
            .map(|project| format!("10.5072/{}", project.id))
    }

    async fn delete_project(&mut self, id: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-project {id}"));
        contents.project(id)?;
        contents.projects.retain(|project| project.id != id);
        Ok(())
    }

    async fn list_files(
        &mut self,
        project: &str,
        after: Option<&str>,
        _max: u32,
    ) -> Result<FilePage, Failure> {
        let mut contents = self.note(format_args!("list-files {project}"));
        let files = contents.project(project)?.files.iter();
        let (files, next) = page(files.map(Kept::described).collect(), after);
        Ok(FilePage { files, next })
    }

    async fn add_file(
        &mut self,
        project: &str,
        name: &str,
        size: Option<u64>,
        mut content: Upload,
    ) -> Result<DepositedFile, Failure> {
        drop(self.note(format_args!("add-file {project} {name} {size:?}")));
        let mut text = Vec::new();
        loop {
            match content.next().await {
                Ok(Some(bytes)) => text.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(_) if name.contains("careless") => break,
                Err(aborted) => return Err(failure("unavailable", &aborted.to_string())),
            }
        }
        let mut contents = self.shelf.contents();
        let id = format!("f{}", contents.made);
        contents.made += 1;
        let kept = Kept {
            id,
            name: name.to_owned(),
            content: String::from_utf8(text).unwrap(),
        };
        let described = kept.described();
        contents.project(project)?.files.push(kept);
        Ok(described)
    }

    async fn read_file(&mut self, project: &str, file: &str, into: Sink) -> Result<(), Failure> {
        let content = {
            let mut contents = self.note(format_args!("read-file {project} {file}"));
            let project = contents.project(project)?;
            let at = project.file(file)?;
            project.files[at].content.clone()
        };
        send(into, &content, true).await
    }

    async fn delete_file(&mut self, project: &str, file: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-file {project} {file}"));
        let project = contents.project(project)?;
        let at = project.file(file)?;
        project.files.remove(at);
        Ok(())
    }

    async fn delete_files(&mut self, project: &str) -> Result<(), Failure> {
        let mut contents = self.note(format_args!("delete-files {project}"));
        contents.project(project)?.files.clear();
        Ok(())
    }
}

impl Kept {
    fn described(&self) -> DepositedFile {
        DepositedFile {
            id: self.id.clone(),
            name: self.name.clone(),
            size: Some(self.content.len() as u64),
            details: r#"{"checksum":"c","filename":"overruled"}"#.to_owned(),
        }
    }
}
