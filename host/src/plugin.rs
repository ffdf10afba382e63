//! Runs components: what they are, how they are compiled and kept, and the
//! sandbox each call gets.
//!
//! A [`Launcher`] starts sandboxes of one configured plugin; a [`Sandbox`]
//! runs operations until it is finished. Everything above this module speaks
//! to those two traits, so that the same plugin compiled natively can stand in
//! for its component where the cost of the sandbox is to be measured.

pub mod admission;
pub mod compile;
pub mod manifest;

mod cache;
mod component;
mod cpu;
mod engine;
mod failure;
mod limiter;
mod linked;
mod long_lived;
mod role;
mod sandbox;
mod state;
mod warm;

pub use admission::{Admission, Admitted, Facts};
pub use cache::{Cache, CacheError};
pub use component::{Component, LoadError};
pub use cpu::{CpuMeter, Slice};
pub use engine::{Engine, EngineConfig, EngineError, Profile};
pub use failure::Failure;
pub use long_lived::Hold;
pub use manifest::Role;
pub use role::{
    Database, FileStore, Handoff, Lifecycle, MessageLog, MetadataStore, Processor, Repository,
    Rest, database, file_store, lifecycle, message_log, metadata_store, processor, repository,
    rest,
};
pub use sandbox::ComponentLauncher;
pub use state::Settings;

use std::fmt::Debug;
use std::sync::Arc;

use crate::capability::call::Context;

/// Starts sandboxes of one connector.
#[wasmtime_wasi::async_trait]
pub trait Launcher: Debug + Send + Sync {
    /// Whether the plugin plays a role.
    fn offers(&self, role: Role) -> bool;

    /// A sandbox that is ready to run operations of one call.
    ///
    /// # Errors
    ///
    /// [`Failure`] when no sandbox can be had or the plugin fails to start.
    async fn launch(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure>;

    /// The same for a question of the host's own. These are few, and asked of
    /// plugins that nobody may ever call: what they run in is all given back.
    ///
    /// # Errors
    ///
    /// As for [`Launcher::launch`].
    async fn launch_apart(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        self.launch(context, cpu).await
    }

    /// Frees what has been kept for too long; called every few seconds.
    fn sweep(&self) {}

    /// Called before its version serves, and again before it does so once
    /// more after it was retired.
    fn open(&self) {}

    /// Makes calls wait until what comes back is dropped. None where no
    /// sandbox lives over calls, and nothing can be handed over.
    fn hold(&self) -> Option<Hold> {
        None
    }

    /// Called once another version has taken its version's place. From now on
    /// a sandbox that would live over calls starts no more:
    /// [`Failure::Replaced`].
    fn retire(&self) {}

    /// The sandbox that lives over calls, for a hand-over: calls that wait are
    /// passed, and one in progress is asked to return. `start` makes one when
    /// there is none.
    ///
    /// # Errors
    ///
    /// [`Failure`] when no sandbox can be had or the plugin fails to start.
    async fn recall(
        &self,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
        start: bool,
    ) -> Result<Option<Box<dyn Sandbox>>, Failure> {
        _ = (context, cpu, start);
        Ok(None)
    }

    /// Called last: drops what is kept between calls, now or when its call
    /// returns.
    fn close(&self) {}
}

/// One plugin, running for one call. Dropping it in mid-operation aborts every
/// transfer it has open.
pub trait Sandbox: Send {
    /// The plugin's own life.
    fn lifecycle(&mut self) -> &mut dyn Lifecycle;

    /// The role `file-store`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn file_store(&mut self) -> Result<&mut dyn FileStore, Failure> {
        Err(Failure::NoRole(Role::FileStore))
    }

    /// The role `repository`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn repository(&mut self) -> Result<&mut dyn Repository, Failure> {
        Err(Failure::NoRole(Role::Repository))
    }

    /// The role `handoff`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn handoff(&mut self) -> Result<&mut dyn Handoff, Failure> {
        Err(Failure::NoRole(Role::Handoff))
    }

    /// The role `metadata-store`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn metadata_store(&mut self) -> Result<&mut dyn MetadataStore, Failure> {
        Err(Failure::NoRole(Role::MetadataStore))
    }

    /// The role `database`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn database(&mut self) -> Result<&mut dyn Database, Failure> {
        Err(Failure::NoRole(Role::Database))
    }

    /// The role `message-log`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn message_log(&mut self) -> Result<&mut dyn MessageLog, Failure> {
        Err(Failure::NoRole(Role::MessageLog))
    }

    /// The role `processor`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn processor(&mut self) -> Result<&mut dyn Processor, Failure> {
        Err(Failure::NoRole(Role::Processor))
    }

    /// The role `resources`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRole`] when the plugin does not play it.
    fn rest(&mut self) -> Result<&mut dyn Rest, Failure> {
        Err(Failure::NoRole(Role::Rest))
    }

    /// Whether it has served another call before.
    fn is_reused(&self) -> bool;

    /// Linear memory it holds, in bytes; 0 where there is none of its own.
    fn memory_bytes(&self) -> usize {
        0
    }

    /// Ends the call. A sandbox that came through it in good order may be kept for
    /// the next one; any other comes back, to be dropped when there is time.
    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>>;
}
