//! A component in memory, for as long as somebody calls it.
//!
//! Native code, what wasmtime knows of it and the slots it has run in cost some
//! hundred kilobytes. Where nobody calls a component for a while they are given
//! back, and the next call has it from its file again in well under a
//! millisecond.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use wasmtime::component::{Component, InstancePre, Linker};

use super::Role;
use super::state::State;
use crate::bindings::exports::{
    database, file_store, handoff, incoming_handler, lifecycle, message_log, metadata_store,
    processor, repository, resources,
};

/// What a component that names its routes exports, in any version of 0.1.
const RESOURCES: &str = "tenon:connector/resources@0.1.0";

/// A component with its imports bound and its exports looked up.
pub(super) struct Linked {
    pub(super) pre: InstancePre<State>,
    pub(super) lifecycle: lifecycle::GuestIndices,
    pub(super) handoff: Option<handoff::GuestIndices>,
    pub(super) file_store: Option<file_store::GuestIndices>,
    pub(super) repository: Option<repository::GuestIndices>,
    pub(super) metadata_store: Option<metadata_store::GuestIndices>,
    pub(super) database: Option<database::GuestIndices>,
    pub(super) message_log: Option<message_log::GuestIndices>,
    pub(super) processor: Option<processor::GuestIndices>,
    /// None as well for one that names no routes.
    pub(super) resources: Option<resources::GuestIndices>,
    pub(super) incoming_handler: Option<incoming_handler::GuestIndices>,
}

impl Linked {
    /// Fails where an interface it imports, or one of its roles, is not of the
    /// form known here.
    pub(super) fn new(
        linker: &Linker<State>,
        roles: &BTreeSet<Role>,
        compiled: &Component,
    ) -> wasmtime::Result<Self> {
        let pre = linker.instantiate_pre(compiled)?;
        // Looked up where the role is played, which must then be of the form known here.
        macro_rules! indices {
            ($role:ident, $interface:ident) => {
                roles
                    .contains(&Role::$role)
                    .then(|| $interface::GuestIndices::new(&pre))
                    .transpose()?
            };
        }
        Ok(Self {
            lifecycle: lifecycle::GuestIndices::new(&pre)?,
            handoff: indices!(Handoff, handoff),
            file_store: indices!(FileStore, file_store),
            repository: indices!(Repository, repository),
            metadata_store: indices!(MetadataStore, metadata_store),
            database: indices!(Database, database),
            message_log: indices!(MessageLog, message_log),
            processor: indices!(Processor, processor),
            // Those who name routes must do so in the form known here.
            resources: compiled
                .get_export_index(None, RESOURCES)
                .map(|_| resources::GuestIndices::new(&pre))
                .transpose()?,
            incoming_handler: indices!(Rest, incoming_handler),
            pre,
        })
    }
}

/// A component's place in memory, which it leaves when it is not called.
pub(super) struct Place {
    linked: ArcSwapOption<Linked>,
    /// Whether it was called since somebody looked.
    called: AtomicBool,
    left: Mutex<Left>,
}

struct Left {
    /// What left the place, and may live on in a sandbox that is kept.
    linked: Weak<Linked>,
    quiet_since: Instant,
}

impl Place {
    pub(super) fn new(linked: Linked) -> Self {
        Self {
            linked: ArcSwapOption::from_pointee(linked),
            called: AtomicBool::new(true),
            left: Mutex::new(Left {
                linked: Weak::new(),
                quiet_since: Instant::now(),
            }),
        }
    }

    /// The component, which is loaded where it has left.
    pub(super) fn get(
        &self,
        load: impl FnOnce() -> wasmtime::Result<Linked>,
    ) -> wasmtime::Result<Arc<Linked>> {
        // Written once only between two looks: every call reads it.
        if !self.called.load(Ordering::Relaxed) {
            self.called.store(true, Ordering::Relaxed);
        }
        if let Some(linked) = self.linked.load_full() {
            return Ok(linked);
        }
        let left = self.lock();
        if let Some(linked) = self.linked.load_full() {
            return Ok(linked);
        }
        let linked = match left.linked.upgrade() {
            Some(linked) => linked,
            None => Arc::new(load()?),
        };
        self.linked.store(Some(linked.clone()));
        Ok(linked)
    }

    /// Gives up what was not called for this long. Whether it did.
    pub(super) fn leave(&self, patience: Duration) -> bool {
        let mut left = self.lock();
        if self.called.swap(false, Ordering::Relaxed) {
            left.quiet_since = Instant::now();
        }
        if left.quiet_since.elapsed() < patience {
            return false;
        }
        let Some(linked) = self.linked.swap(None) else {
            return false;
        };
        left.linked = Arc::downgrade(&linked);
        true
    }

    pub(super) fn is_taken(&self) -> bool {
        self.linked.load().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
