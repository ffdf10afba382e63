//! What every plugin is: something that can be made, described and checked.

use crate::Result;

/// How a plugin presents itself to the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The plugin's name: lower-case letters, digits and inner hyphens.
    pub name: String,
    /// Its semantic version.
    pub version: String,
    /// JSON Schema (draft 2020-12) of the configuration table.
    pub config_schema: String,
    /// The grants it makes use of: of `database`, `files`, `http`, `kv`, `scratch`, `secrets` and
    /// `sql`.
    pub wants: Vec<String>,
}

impl Description {
    /// A plugin that takes any configuration and wants no grant.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            config_schema: "true".to_owned(),
            wants: Vec::new(),
        }
    }

    /// Sets the JSON Schema (draft 2020-12) of the configuration table.
    #[must_use]
    pub fn config_schema(mut self, schema: &str) -> Self {
        schema.clone_into(&mut self.config_schema);
        self
    }

    /// Names the grants the plugin makes use of: of `database`, `files`, `http`, `kv`, `scratch`,
    /// `secrets` and `sql`.
    #[must_use]
    pub fn wants(mut self, grants: &[&str]) -> Self {
        self.wants = grants.iter().map(|&grant| grant.to_owned()).collect();
        self
    }
}

/// A plugin. What it plays beyond this are its roles, a trait each.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// Makes the plugin, commonly from [`config`](crate::config). It happens once in a sandbox,
    /// before the first operation, and the result serves every call that the sandbox serves: keep
    /// nothing of a caller in it. Another try follows an error.
    fn new() -> Result<Self>;

    /// Presents the plugin. No configuration is at hand yet.
    fn describe() -> Description;

    /// Whether the external system can be reached with this configuration.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}
