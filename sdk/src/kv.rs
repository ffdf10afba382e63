//! Granted key-value stores.

use crate::{Result, backend};

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string of bytes.
    Bytes(Vec<u8>),
    /// Fields with their values, in no order.
    Hash(Vec<(String, Vec<u8>)>),
}

/// A granted store, under the name its grant gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    name: String,
}

impl Store {
    /// The store of this name. Whether there is one shows on first use.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// What a key stands for; none when there is no such key.
    pub fn get(&self, key: &str) -> Result<Option<Value>> {
        backend::kv::get(&self.name, key)
    }

    /// Stores a value under a key, in place of any other.
    pub fn set(&self, key: &str, value: &Value) -> Result<()> {
        backend::kv::set(&self.name, key, value)
    }

    /// Removes a key, if it is there.
    pub fn delete(&self, key: &str) -> Result<()> {
        backend::kv::delete(&self.name, key)
    }
}
