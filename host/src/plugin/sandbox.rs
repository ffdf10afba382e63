//! One component in one wasmtime store, for one call at a time.

mod guests;

use std::sync::{Arc, Weak};

use wasmtime::Store;
use wasmtime::component::{Instance, Resource};
use wasmtime_wasi::p2::DynInputStream;

use self::guests::Guests;
use super::cpu::CpuMeter;
use super::linked::Linked;
use super::long_lived::{Home, Stay};
use super::state::{Settings, State};
use super::warm::Pool;
use super::{
    Component, Database, Failure, FileStore, Handoff, Hold, Launcher, Lifecycle, MessageLog,
    MetadataStore, Processor, Profile, Repository, Rest, Role, Sandbox,
};
use crate::bindings::types;
use crate::capability::call::Context;
use crate::capability::transfer::Upload;
use crate::limits::Isolation;

/// What stays between two calls.
#[derive(Debug)]
enum Kept {
    Nothing,
    Idle(Arc<Pool>),
    One(Arc<Home>),
}

/// Starts sandboxes of one connector's component.
#[derive(Debug)]
pub struct ComponentLauncher {
    component: Arc<Component>,
    settings: Arc<Settings>,
    kept: Kept,
}

impl ComponentLauncher {
    /// Configures a component.
    pub fn new(component: Arc<Component>, settings: Settings, isolation: Isolation) -> Self {
        let kept = match isolation {
            Isolation::Call => Kept::Nothing,
            Isolation::Warm(warm) => Kept::Idle(Pool::new(warm)),
            Isolation::Batch(batch) => Kept::Idle(Pool::of_batches(batch)),
            Isolation::LongLived(rules) => Kept::One(Home::new(rules)),
        };
        Self {
            component,
            settings: Arc::new(settings),
            kept,
        }
    }

    /// Makes a sandbox ready for a call, a new one when none was kept.
    async fn begin(
        &self,
        kept: Option<Box<ComponentSandbox>>,
        stay: Option<Stay>,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        let mut sandbox = match kept {
            Some(sandbox) => sandbox,
            None => Box::new(self.fresh(context.clone(), cpu.clone()).await?),
        };
        sandbox.store.data_mut().begin(context, cpu);
        sandbox.calls += 1;
        sandbox.stay = stay;
        Ok(sandbox)
    }

    /// A sandbox that has served nobody yet.
    pub(super) async fn fresh(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<ComponentSandbox, Failure> {
        let linked = self.component.linked().map_err(Failure::Host)?;
        self.start(linked, self.component.profile, context, cpu)
            .await
    }

    async fn start(
        &self,
        linked: Arc<Linked>,
        profile: Profile,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<ComponentSandbox, Failure> {
        let started = self.try_start(linked, profile, context, cpu).await;
        started.map_err(|error| Failure::from_trap(error, &self.settings.limits))
    }

    async fn try_start(
        &self,
        linked: Arc<Linked>,
        profile: Profile,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> wasmtime::Result<ComponentSandbox> {
        let alone = context.alone;
        let state = State::new(self.settings.clone(), profile, context, cpu);
        let mut store = Store::new(linked.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(clamp(self.settings.limits.hostcall_bytes));
        store.epoch_deadline_callback(|store| store.data().cpu.tick());
        store.set_epoch_deadline(1);
        let instance = linked.pre.instantiate_async(&mut store).await?;
        Ok(ComponentSandbox {
            store,
            settings: self.settings.clone(),
            linked,
            instance,
            guests: Guests::default(),
            pool: match &self.kept {
                Kept::Idle(pool) if !alone => Some(Arc::downgrade(pool)),
                _ => None,
            },
            calls: 0,
            handles: None,
            spoiled: false,
            stay: None,
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
        let (stay, kept) = match &self.kept {
            Kept::Nothing => (None, None),
            Kept::Idle(_) if context.alone => (None, None),
            Kept::Idle(pool) => (None, pool.take()),
            Kept::One(home) => {
                let (stay, kept) = home.enter(context.cancelled.clone()).await?;
                (Some(stay), kept)
            }
        };
        self.begin(kept, stay, context, cpu).await
    }

    async fn launch_apart(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        if !matches!(self.kept, Kept::Nothing) {
            return self.launch(context, cpu).await;
        }
        let linked = self.component.apart().map_err(Failure::Host)?;
        let started = self.start(linked, Profile::OnDemand, context.clone(), cpu.clone());
        let mut sandbox = Box::new(started.await?);
        sandbox.store.data_mut().begin(context, cpu);
        sandbox.calls += 1;
        Ok(sandbox)
    }

    fn sweep(&self) {
        if let Kept::Idle(pool) = &self.kept {
            pool.sweep();
        }
        self.component.unload_if_idle();
    }

    fn open(&self) {
        match &self.kept {
            Kept::Nothing => {}
            Kept::Idle(pool) => pool.open(),
            Kept::One(home) => home.open(),
        }
    }

    fn hold(&self) -> Option<Hold> {
        match &self.kept {
            Kept::One(home) => Some(home.hold()),
            _ => None,
        }
    }

    fn retire(&self) {
        if let Kept::One(home) = &self.kept {
            home.retire();
        }
    }

    async fn recall(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
        start: bool,
    ) -> Result<Option<Box<dyn Sandbox>>, Failure> {
        let Kept::One(home) = &self.kept else {
            return Ok(None);
        };
        let (stay, kept) = home.recall(context.cancelled.clone()).await?;
        if kept.is_none() && !start {
            return Ok(None);
        }
        self.begin(kept, Some(stay), context, cpu).await.map(Some)
    }

    fn close(&self) {
        match &self.kept {
            Kept::Nothing => {}
            Kept::Idle(pool) => pool.close(),
            Kept::One(home) => home.close(),
        }
    }
}

fn clamp(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A component running for one call.
pub(super) struct ComponentSandbox {
    pub(super) store: Store<State>,
    pub(super) settings: Arc<Settings>,
    linked: Arc<Linked>,
    instance: Instance,
    guests: Guests,
    /// Gone with its launcher, when the connector was replaced meanwhile. The
    /// pool holds sandboxes: a strong reference back would keep both for good.
    pool: Option<Weak<Pool>>,
    pub(super) calls: u32,
    /// Handles the guest kept after its first call, such as standard output.
    handles: Option<usize>,
    /// Whether the guest stopped where it must not be entered again.
    pub(super) spoiled: bool,
    /// The place of the call in a sandbox that lives over calls. Given up last,
    /// when the sandbox is dropped: its successor finds the slot free.
    stay: Option<Stay>,
}

impl ComponentSandbox {
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
                    // It will be broken off: what it was to do has not been done.
                    (None, Ok(_)) if !settled => Err(Failure::Contract(
                        "it returned with a request's body still open, or that of its answer"
                            .to_owned(),
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
}

macro_rules! plays {
    ($($field:ident: $role:ident;)*) => {$(
        fn $field(&mut self) -> Result<&mut dyn $role, Failure> {
            match self.linked.$field {
                Some(_) => Ok(self),
                None => Err(Failure::NoRole(Role::$role)),
            }
        }
    )*};
}

impl Sandbox for ComponentSandbox {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    plays! {
        file_store: FileStore;
        repository: Repository;
        handoff: Handoff;
        metadata_store: MetadataStore;
        database: Database;
        message_log: MessageLog;
        processor: Processor;
    }

    fn rest(&mut self) -> Result<&mut dyn Rest, Failure> {
        match self.linked.incoming_handler {
            Some(_) => Ok(self),
            None => Err(Failure::NoRole(Role::Rest)),
        }
    }

    fn is_reused(&self) -> bool {
        self.calls > 1
    }

    fn memory_bytes(&self) -> usize {
        self.store.data().limiter.memory_bytes()
    }

    fn keep(mut self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        let surplus = match self.stay.take() {
            // What it keeps open is what it lives for; only the limits bound it.
            Some(stay) if !self.spoiled => stay.leave(self),
            Some(stay) => {
                self.stay = Some(stay);
                Some(self)
            }
            None => match self.pool.as_ref().and_then(Weak::upgrade) {
                Some(pool) if self.is_reusable() => pool.keep(self),
                _ => Some(self),
            },
        };
        surplus.map(|surplus| -> Box<dyn Sandbox> { surplus })
    }
}
