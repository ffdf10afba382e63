//! Granted key-value stores, in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::environment;
use crate::{Error, Result, kv::Value};

/// A store's keys.
pub(super) type Keys = Mutex<BTreeMap<String, Value>>;

pub(crate) fn get(store: &str, key: &str) -> Result<Option<Value>> {
    within(store, |keys| keys.get(key).cloned())
}

pub(crate) fn set(store: &str, key: &str, value: &Value) -> Result<()> {
    within(store, |keys| {
        keys.insert(key.to_owned(), value.clone());
    })
}

pub(crate) fn delete(store: &str, key: &str) -> Result<()> {
    within(store, |keys| {
        keys.remove(key);
    })
}

fn within<T>(store: &str, f: impl FnOnce(&mut BTreeMap<String, Value>) -> T) -> Result<T> {
    environment::with(|environment| {
        let keys = environment
            .stores
            .get(store)
            .ok_or_else(|| Error::denied("no such store is granted").about(store))?;
        Ok(f(&mut keys.lock().unwrap_or_else(PoisonError::into_inner)))
    })
}
