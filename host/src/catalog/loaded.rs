//! What this host has loaded, so that connectors share it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::intake::Known;
use crate::digest::Digest;
use crate::plugin::{Component, Facts};

/// Refusals remembered; more candidates are not being copied about at a time.
const REFUSALS_MAX: usize = 64;

type Entry = (Arc<Facts>, Weak<Component>);

/// Components, for as long as some connector runs them.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    known: Mutex<HashMap<Digest, Entry>>,
    /// Held while a component is being admitted or loaded, so that connectors
    /// which share one do it once.
    working: Mutex<HashMap<Digest, Weak<tokio::sync::Mutex<()>>>>,
    /// Code and message of files that were refused.
    refused: Mutex<HashMap<Digest, (&'static str, String)>>,
}

impl Loaded {
    pub(super) fn get(&self, digest: &Digest) -> Option<Known> {
        let known = lock(&self.known);
        let (facts, component) = known.get(digest)?;
        Some(Known {
            digest: digest.clone(),
            facts: facts.clone(),
            component: component.upgrade()?,
        })
    }

    pub(super) fn put(&self, known: Known) -> Known {
        let mut all = lock(&self.known);
        all.retain(|_, (_, component)| component.strong_count() > 0);
        let component = Arc::downgrade(&known.component);
        all.insert(known.digest.clone(), (known.facts.clone(), component));
        known
    }

    /// Whoever holds it works on the component.
    pub(super) fn turn(&self, digest: &Digest) -> Arc<tokio::sync::Mutex<()>> {
        let mut working = lock(&self.working);
        working.retain(|_, turn| turn.strong_count() > 0);
        let turn = working.get(digest).and_then(Weak::upgrade);
        turn.unwrap_or_else(|| {
            let turn = Arc::default();
            working.insert(digest.clone(), Arc::downgrade(&turn));
            turn
        })
    }

    pub(super) fn refusal(&self, digest: &Digest) -> Option<(&'static str, String)> {
        lock(&self.refused).get(digest).cloned()
    }

    pub(super) fn refuse(&self, digest: &Digest, code: &'static str, message: String) {
        let mut refused = lock(&self.refused);
        if refused.len() >= REFUSALS_MAX {
            refused.clear();
        }
        refused.insert(digest.clone(), (code, message));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
