//! A connector's configuration table, read by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::HasData;

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
pub struct View<'a>(pub &'a Values);

impl config::Host for View<'_> {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        Ok(self.0.get(&key).cloned())
    }
}
