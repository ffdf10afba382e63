//! Versions of a connector: which one answers, before, during and after a
//! change.

mod nested;
mod swap;
mod trial;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::lifecycle::{Check, Describe, Description};
use super::{Call, Connector, ConnectorId, Dispatcher, Error, Outcome, Parts, Scheduler, Tenant};
use super::{Version, canary, testing};
use crate::bindings::types;
use crate::capability::Grants;
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::digest::Digest;
use crate::limits::{Limits, TenantLimits};
use crate::plugin::{CpuMeter, Failure, Launcher, Lifecycle, Role, Sandbox};
use crate::telemetry::metrics::Metrics;

/// What a call of a [`Scripted`] plugin does, by its number.
type Answer = fn(usize) -> Result<(), types::Error>;

/// A plugin that describes itself by its name, and does as it is told.
#[derive(Debug)]
struct Scripted {
    name: &'static str,
    answer: Answer,
    roles: &'static [Role],
    calls: AtomicUsize,
    /// Whether `describe` waits until it is let go.
    held: Mutex<Option<Arc<Notify>>>,
    begun: Notify,
    /// What its version was told: `open`, `retire`, `close`.
    told: Mutex<Vec<&'static str>>,
}

impl Scripted {
    fn new(name: &'static str, answer: Answer) -> Arc<Self> {
        Arc::new(Self {
            name,
            answer,
            roles: &[Role::Lifecycle],
            calls: AtomicUsize::new(0),
            held: Mutex::default(),
            begun: Notify::new(),
            told: Mutex::default(),
        })
    }

    fn good(name: &'static str) -> Arc<Self> {
        Self::new(name, |_| Ok(()))
    }

    fn version(self: &Arc<Self>) -> Arc<Version> {
        Version::new(Digest::of(self.name.as_bytes()), self.clone())
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

#[wasmtime_wasi::async_trait]
impl Launcher for Scripted {
    fn offers(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    async fn launch(&self, _: Arc<Context>, _: Arc<CpuMeter>) -> Result<Box<dyn Sandbox>, Failure> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let held = self.held.lock().unwrap().clone();
        self.begun.notify_one();
        Ok(Box::new(Running {
            name: self.name,
            answer: (self.answer)(call),
            held,
        }))
    }

    fn open(&self) {
        self.told.lock().unwrap().push("open");
    }

    fn retire(&self) {
        self.told.lock().unwrap().push("retire");
    }

    fn close(&self) {
        self.told.lock().unwrap().push("close");
    }
}

struct Running {
    name: &'static str,
    answer: Result<(), types::Error>,
    held: Option<Arc<Notify>>,
}

impl Sandbox for Running {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
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
    async fn describe(&mut self) -> Result<Description, Failure> {
        if let Some(held) = &self.held {
            held.notified().await;
        }
        self.answer.clone().map_err(Failure::Answered)?;
        Ok(Description {
            name: self.name.to_owned(),
            version: String::new(),
            config_schema: String::new(),
            wants: Vec::new(),
        })
    }

    async fn check(&mut self) -> Result<(), Failure> {
        self.answer.clone().map_err(Failure::Answered)
    }
}

fn detail() -> types::Detail {
    types::Detail {
        message: "so it was asked".to_owned(),
        subject: None,
    }
}

fn delay() -> types::Delay {
    types::Delay {
        detail: detail(),
        after_ms: None,
    }
}

/// A dispatcher with one connector, `c`.
struct Rig {
    dispatcher: Arc<Dispatcher>,
    connector: Arc<Connector>,
    metrics: Metrics,
}

impl Rig {
    /// It runs nothing yet.
    fn empty(limits: Limits) -> Self {
        let metrics = Metrics::new().unwrap();
        let connector = Arc::new(Connector::new(Parts {
            id: id(),
            engine: testing::engine(),
            limits: Arc::new(limits),
            tenant: Arc::new(Tenant::new(&TenantLimits::default())),
            metrics: metrics.for_connector("c"),
            usage: Usage::new(&Grants::default(), &Arc::default()),
        }));
        let dispatcher = Dispatcher::new(Scheduler::new(1).unwrap());
        dispatcher.replace([connector.clone()]);
        Self {
            dispatcher: Arc::new(dispatcher),
            connector,
            metrics,
        }
    }

    async fn running(plugin: &Arc<Scripted>) -> Self {
        let rig = Self::empty(Limits::default());
        rig.connector.activate(plugin.version()).await;
        rig
    }

    async fn ask(&self) -> Result<String, Error> {
        let described = self.dispatcher.call(call(), Describe).await;
        described.map(|description| description.name)
    }
}

fn id() -> ConnectorId {
    "c".parse().unwrap()
}

fn call() -> Call {
    Call {
        connector: id(),
        request_id: "r".to_owned(),
        user: None,
        credential: None,
        trace_parent: None,
        alone: false,
    }
}
