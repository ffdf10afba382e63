//! What a connector runs: one component, configured for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::digest::Digest;
use crate::plugin::{CpuMeter, Launcher, Role};

/// A component, ready to start sandboxes of one connector.
#[derive(Debug)]
pub struct Version {
    digest: Digest,
    launcher: Arc<dyn Launcher>,
    /// Whether its latest call used more CPU than a slice.
    heavy: AtomicBool,
}

impl Version {
    /// A version that serves nobody yet.
    pub fn new(digest: Digest, launcher: Arc<dyn Launcher>) -> Arc<Self> {
        Arc::new(Self {
            digest,
            launcher,
            heavy: AtomicBool::new(false),
        })
    }

    /// The digest of the component's bytes.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whether the component plays a role.
    pub fn offers(&self, role: Role) -> bool {
        self.launcher.offers(role)
    }

    pub(super) fn launcher(&self) -> &dyn Launcher {
        &*self.launcher
    }

    /// Whether its calls are to start on the threads for long computations.
    pub(super) fn is_heavy(&self) -> bool {
        self.heavy.load(Ordering::Relaxed)
    }

    /// Remembers what a call used.
    pub(super) fn learn(&self, cpu: &CpuMeter) {
        self.heavy.store(cpu.overran(), Ordering::Relaxed);
    }

    /// No call begins in it any more. Those in progress finish.
    pub(super) fn end(&self) {
        self.launcher.retire();
        self.launcher.close();
    }
}
