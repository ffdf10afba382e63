//! One component in one wasmtime store, for one call at a time.

use std::sync::{Arc, Weak};

use wasmtime::Store;
use wasmtime::component::{Instance, Resource};
use wasmtime_wasi::p2::DynInputStream;

use super::cpu::CpuMeter;
use super::state::{Settings, State};
use super::warm::Pool;
use super::{Component, Failure, FileStore, Launcher, Lifecycle, Repository, Role, Sandbox};
use crate::bindings::exports::{file_store, lifecycle, repository};
use crate::bindings::types;
use crate::capability::call::Context;
use crate::capability::transfer::Upload;
use crate::limits::Isolation;

/// Starts sandboxes of one connector's component.
#[derive(Debug)]
pub struct ComponentLauncher {
    component: Arc<Component>,
    settings: Arc<Settings>,
    /// Sandboxes between two calls; `None` in isolation `call`.
    idle: Option<Arc<Pool>>,
}

impl ComponentLauncher {
    /// Configures a component.
    pub fn new(component: Arc<Component>, settings: Settings, isolation: Isolation) -> Self {
        let idle = match isolation {
            Isolation::Call => None,
            Isolation::Warm(warm) => Some(Arc::new(Pool::new(warm))),
        };
        Self {
            component,
            settings: Arc::new(settings),
            idle,
        }
    }

    async fn start(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> wasmtime::Result<ComponentSandbox> {
        let component = &self.component;
        let state = State::new(self.settings.clone(), component.profile, context, cpu);
        let mut store = Store::new(component.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(clamp(self.settings.limits.hostcall_bytes));
        store.epoch_deadline_callback(|store| store.data().cpu.tick());
        store.set_epoch_deadline(1);
        let instance = component.pre.instantiate_async(&mut store).await?;
        let file_store = match &component.file_store {
            Some(indices) => Some(indices.load(&mut store, &instance)?),
            None => None,
        };
        Ok(ComponentSandbox {
            store,
            settings: self.settings.clone(),
            component: component.clone(),
            instance,
            file_store,
            home: self.idle.as_ref().map(Arc::downgrade),
            calls: 0,
            handles: None,
            spoiled: false,
        })
    }
}

#[wasmtime_wasi::async_trait]
impl Launcher for ComponentLauncher {
    fn offers(&self, role: Role) -> bool {
        self.component.offers(role)
    }

    async fn launch(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        let kept = self.idle.as_ref().and_then(|idle| idle.take());
        let mut sandbox = match kept {
            Some(sandbox) => sandbox,
            None => {
                let started = self.start(context.clone(), cpu.clone()).await;
                let limits = &self.settings.limits;
                Box::new(started.map_err(|error| Failure::from_trap(error, limits))?)
            }
        };
        sandbox.store.data_mut().begin(context, cpu);
        sandbox.calls += 1;
        Ok(sandbox)
    }

    fn sweep(&self) {
        if let Some(idle) = &self.idle {
            idle.sweep();
        }
    }
}

fn clamp(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A component running for one call.
pub(super) struct ComponentSandbox {
    pub(super) store: Store<State>,
    settings: Arc<Settings>,
    component: Arc<Component>,
    instance: Instance,
    file_store: Option<file_store::Guest>,
    /// Gone with its launcher, when the connector was replaced meanwhile. The
    /// pool holds sandboxes: a strong reference back would keep both for good.
    home: Option<Weak<Pool>>,
    pub(super) calls: u32,
    /// Handles the guest kept after its first call, such as standard output.
    handles: Option<usize>,
    /// Whether the guest stopped where it must not be entered again.
    spoiled: bool,
}

impl ComponentSandbox {
    /// Looked up when it is needed, which is hardly ever.
    pub(super) fn lifecycle_guest(&mut self) -> Result<lifecycle::Guest, Failure> {
        let indices = &self.component.lifecycle;
        let guest = indices.load(&mut self.store, &self.instance);
        guest.map_err(|error| Failure::from_trap(error, &self.settings.limits))
    }

    /// Looked up when it is needed: a repository is called over a network, and
    /// a plugin that is both should not pay for it in every read of a file.
    pub(super) fn repository_guest(&mut self) -> Result<repository::Guest, Failure> {
        let missing = Failure::NoRole(Role::Repository);
        let indices = self.component.repository.as_ref().ok_or(missing)?;
        let guest = indices.load(&mut self.store, &self.instance);
        guest.map_err(|error| Failure::from_trap(error, &self.settings.limits))
    }

    pub(super) fn file_store_guest(&self) -> Result<file_store::Guest, Failure> {
        self.file_store
            .clone()
            .ok_or(Failure::NoRole(Role::FileStore))
    }

    /// Puts a host resource where the guest can borrow it: the entry to take
    /// back afterwards, and the handle to pass.
    pub(super) fn lend<T: Send + 'static>(
        &mut self,
        resource: T,
    ) -> Result<(Resource<T>, Resource<T>), Failure> {
        let pushed = self.store.data_mut().table.push(resource);
        let entry =
            pushed.map_err(|error| Failure::from_trap(error.into(), &self.settings.limits))?;
        let lent = Resource::new_borrow(entry.rep());
        Ok((entry, lent))
    }

    /// Lends the guest an upload as a stream to read.
    pub(super) fn lend_upload(
        &mut self,
        content: Upload,
    ) -> Result<(Resource<DynInputStream>, Resource<DynInputStream>), Failure> {
        let content = content.metered(self.store.data().context.clone());
        self.lend(Box::new(content) as DynInputStream)
    }

    /// Ends a loan. What the guest was lent goes with it.
    pub(super) fn take_back<T: Send + 'static>(&mut self, entry: Resource<T>) {
        // A child still open on it, such as a pollable that the guest leaked,
        // keeps the entry; the sandbox is then not fit for another call.
        self.spoiled |= self.store.data_mut().table.delete(entry).is_err();
    }

    /// Sorts what came back from the guest.
    pub(super) fn conclude<T>(
        &mut self,
        called: wasmtime::Result<Result<T, types::Error>>,
    ) -> Result<T, Failure> {
        let context = self.store.data().context.clone();
        context.meter.set_memory(self.memory_bytes() as u64);
        match called {
            Ok(answer) => {
                let settled = self.store.data_mut().settle();
                self.spoiled |= !settled;
                match (context.broken(), answer) {
                    (Some(limit), _) => Err(Failure::Limit(limit.clone())),
                    (None, Err(answer)) => Err(Failure::Answered(answer)),
                    // The request will be broken off: what it was to do has not been done.
                    (None, Ok(_)) if !settled => Err(Failure::Contract(
                        "it returned with a request's body still open".to_owned(),
                    )),
                    (None, Ok(value)) => Ok(value),
                }
            }
            Err(trap) => {
                self.spoiled = true;
                let cause = Failure::from_call(trap, &self.settings.limits);
                Err(context.broken().cloned().map_or(cause, Failure::Limit))
            }
        }
    }

    /// Whether another call may use the sandbox.
    fn is_reusable(&mut self) -> bool {
        let handles = self.store.data_mut().handles();
        let kept = *self.handles.get_or_insert(handles);
        !self.spoiled && handles <= kept
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.store.data().limiter.memory_bytes()
    }
}

impl Sandbox for ComponentSandbox {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn file_store(&mut self) -> Result<&mut dyn FileStore, Failure> {
        match self.file_store {
            Some(_) => Ok(self),
            None => Err(Failure::NoRole(Role::FileStore)),
        }
    }

    fn repository(&mut self) -> Result<&mut dyn Repository, Failure> {
        match self.component.repository {
            Some(_) => Ok(self),
            None => Err(Failure::NoRole(Role::Repository)),
        }
    }

    fn is_reused(&self) -> bool {
        self.calls > 1
    }

    fn keep(mut self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        match self.home.as_ref().and_then(Weak::upgrade) {
            Some(home) if self.is_reusable() => home
                .keep(self)
                .map(|surplus| -> Box<dyn Sandbox> { surplus }),
            _ => Some(self),
        }
    }
}
