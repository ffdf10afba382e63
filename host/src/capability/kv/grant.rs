//! Which stores a connector may use.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::Access;
use super::store::Store;
use super::target::{Target, TargetError};
use crate::capability::shared::{Key, Shared};

/// Stores by the name the plugin knows them by.
#[derive(Debug, Default)]
pub struct Grants(BTreeMap<String, Grant>);

/// One store.
#[derive(Debug)]
pub struct Grant {
    /// What may be done with it.
    pub access: Access,
    pub(super) store: Arc<Store>,
}

/// What a store is used with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which one.
    pub target: Target,
    /// What may be done with it.
    pub access: Access,
    /// Longest wait for a connection, and for an answer.
    pub timeout: Duration,
}

impl Settings {
    /// The defaults for a store.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            access: Access::default(),
            // A store in memory answers within a millisecond.
            timeout: Duration::from_secs(5),
        }
    }

    fn key(&self) -> Key {
        let other = format!("{:?} {:?}", self.access, self.timeout);
        let parts = self.target.parts();
        let parts = parts.iter().map(Vec::as_slice);
        Key::new(parts.chain([other.as_bytes()]))
    }
}

impl Grant {
    /// Permission to use a store. Nothing connects before its first use;
    /// grants with equal settings share their connection.
    ///
    /// # Errors
    ///
    /// [`TargetError`] when no connection can be tried with these settings.
    pub fn new(settings: Settings) -> Result<Self, TargetError> {
        static STORES: LazyLock<Shared<Store>> = LazyLock::new(Shared::default);
        let access = settings.access;
        let store = STORES.get(settings.key(), || Store::new(settings))?;
        Ok(Self { access, store })
    }
}

impl Grants {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds one.
    pub fn insert(&mut self, name: String, grant: Grant) {
        self.0.insert(name, grant);
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Grant)> {
        self.0.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Grant> {
        self.0.get(name)
    }
}
