//! What is known of a component once it is admitted.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema;
use crate::plugin::Profile;
use crate::plugin::manifest::{CONTRACT, Dependency, Import, Manifest, Producers, Role};
use crate::plugin::role::lifecycle::Description;

/// What the file and its `describe` say. Stored with the component, so that
/// neither is asked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The plugin's name: a label such as `owncloud`.
    pub name: String,
    /// The plugin's semantic version.
    pub version: String,
    /// JSON Schema (draft 2020-12) of the configuration table.
    pub config_schema: Value,
    /// The grants it makes use of.
    pub wants: BTreeSet<String>,
    /// The roles it plays.
    pub roles: BTreeSet<Role>,
    /// The interfaces it imports, in the file's order.
    pub imports: Vec<Import>,
    /// Bytes of the file.
    pub size: u64,
    /// Linear memory its modules begin with, all together.
    pub memory_bytes_min: u64,
    /// Core modules instantiated with it.
    pub core_instances: usize,
    /// Elements its largest table begins with.
    pub table_elements_min: u64,
    /// The version of the contract it speaks.
    pub contract: String,
    /// The tools that made it.
    pub producers: Producers,
    /// The libraries built into it, where its build noted them.
    pub dependencies: Vec<Dependency>,
}

impl Facts {
    pub(super) fn new(
        size: u64,
        manifest: Manifest,
        description: Description,
        config_schema: Value,
    ) -> Self {
        Self {
            name: description.name,
            version: description.version,
            config_schema,
            wants: description.wants.into_iter().collect(),
            roles: manifest.roles,
            imports: manifest.imports,
            size,
            memory_bytes_min: manifest.memory_bytes_min,
            core_instances: manifest.core_instances,
            table_elements_min: manifest.table_elements_min,
            contract: CONTRACT.to_owned(),
            producers: manifest.producers,
            dependencies: manifest.dependencies,
        }
    }

    /// What a connector's configuration table breaks of the plugin's schema:
    /// every violation, with the JSON Pointer of its place. Values are never
    /// quoted, for they may be secrets.
    pub fn check_config(&self, config: &Value) -> Vec<String> {
        schema::check(&self.config_schema, config)
    }

    pub(super) fn profile(&self) -> Profile {
        Profile::of_start(
            self.memory_bytes_min,
            self.core_instances,
            self.table_elements_min,
        )
    }
}
