//! A connector's configuration table, read by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::HasData;

use super::usage::Usage;
use crate::bindings::config;

/// Values by key: strings as they are written, anything else as JSON.
pub type Values = Arc<BTreeMap<String, String>>;

/// Links the interface `config`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's configuration for one host call.
#[derive(Debug)]
pub struct View<'a> {
    /// The connector's configuration table.
    pub values: &'a Values,
    /// Where what is read is counted.
    pub usage: &'a Usage,
}

impl config::Host for View<'_> {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.usage.look_up(&key);
        Ok(self.values.get(&key).cloned())
    }
}
