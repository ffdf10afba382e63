//! Granted key-value stores.
//!
//! A plugin names a store and never sees its address or password.

mod embedded;
mod grant;
mod redis;
mod store;
mod target;

use std::sync::Arc;

use wasmtime::component::HasData;

pub use self::grant::{Grant, Grants, Settings};
use self::store::Store;
pub use self::target::{Redis, Target, TargetError};
use super::call::{Context, Interface};
use super::usage::Usage;
use super::wait::within;
use super::{Limit, Refusal, Result};
use crate::bindings::kv::{self, Value};

/// Longest key, in bytes. A reference that is longer is a mistake.
const KEY_BYTES_MAX: usize = 4096;

/// What a grant allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// Values are read.
    #[default]
    ReadOnly,
    /// Values are read, stored and deleted.
    ReadWrite,
}

/// Links the interface `kv`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's stores for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Arc<Context>,
    /// What the connector is granted.
    pub grants: &'a Grants,
    /// Where what is used is counted.
    pub usage: &'a Usage,
    /// Limit `kv_value_bytes`.
    pub value_bytes_max: u64,
}

impl<'a> View<'a> {
    fn grant(&self, name: &str, key: &str) -> Result<&'a Grant> {
        self.context.meter.count(Interface::Kv);
        let grant = self.grants.get(name);
        let grant = grant.ok_or_else(|| self.denied("no `kv` grant has this store", name))?;
        if key.len() > KEY_BYTES_MAX {
            let message = format!("a key has at most {KEY_BYTES_MAX} bytes");
            return Err(Refusal::invalid(message, "key"));
        }
        Ok(grant)
    }

    fn store_to_read(&self, name: &str, key: &str) -> Result<&'a Store> {
        let grant = self.grant(name, key)?;
        self.usage.read_value(name);
        Ok(&grant.store)
    }

    fn store_to_write(&self, name: &str, key: &str) -> Result<&'a Store> {
        let grant = self.grant(name, key)?;
        match grant.access {
            Access::ReadWrite => {
                self.usage.write_value(name);
                Ok(&grant.store)
            }
            Access::ReadOnly => Err(self.denied("the store is granted for reading", name)),
        }
    }

    fn denied(&self, message: &str, name: &str) -> Refusal {
        self.usage.deny(Interface::Kv);
        Refusal::denied(message, name)
    }

    fn check(&self, value: &Value) -> Result<()> {
        match value {
            Value::Hash(fields) if fields.is_empty() => {
                Err(Refusal::invalid("a hash without fields", "value"))
            }
            value if size(value) > self.value_bytes_max => {
                Err(too_large(self.value_bytes_max).into())
            }
            _ => Ok(()),
        }
    }
}

/// What counts for the limit.
fn size(value: &Value) -> u64 {
    match value {
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Hash(fields) => {
            let sizes = fields.iter().map(|(name, value)| name.len() + value.len());
            sizes.sum::<usize>() as u64
        }
    }
}

fn too_large(bytes_max: u64) -> Limit {
    Limit::new("kv_value_bytes", format_args!("{bytes_max} bytes"))
}

impl kv::Host for View<'_> {
    async fn get(&mut self, store: String, key: String) -> Result<Option<Value>> {
        let found = self.store_to_read(&store, &key)?;
        let work = found.get(&store, &key, self.value_bytes_max);
        within(self.context, &store, work).await
    }

    async fn set(&mut self, store: String, key: String, value: Value) -> Result<()> {
        let found = self.store_to_write(&store, &key)?;
        self.check(&value)?;
        within(self.context, &store, found.set(&store, &key, &value)).await
    }

    async fn delete(&mut self, store: String, key: String) -> Result<()> {
        let found = self.store_to_write(&store, &key)?;
        within(self.context, &store, found.delete(&store, &key)).await
    }
}

#[cfg(test)]
mod tests;
