//! What a component file and its description say, for people and programs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use wasm_metadata::Payload;

use super::Failed;
use super::linkage::Linkage;
use super::stage::{Caller, Stage};
use crate::digest::Digest;
use crate::dispatch::lifecycle::{Describe, Description};
use crate::plugin::Profile;
use crate::plugin::manifest::{Import, Manifest, Need};

/// Everything that can be said of a component without a connector.
#[derive(Debug, serde::Serialize)]
pub struct Inspection {
    /// Its own name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// By which every host knows it.
    pub digest: Digest,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// What it can be to the host.
    pub roles: Vec<&'static str>,
    /// Packages of the contract it speaks, with their versions.
    pub contract: BTreeSet<String>,
    /// What it imports beyond the base set.
    pub imports: Vec<ImportStatus>,
    /// Interfaces of the base set, which give no access.
    pub base_imports: Vec<String>,
    /// The grants it says it makes use of.
    pub wants: Vec<String>,
    /// JSON Schema of its configuration.
    pub config_schema: Value,
    /// What made it: `language`, `sdk` and `processed-by`, each name with its
    /// version.
    pub producers: BTreeMap<String, BTreeMap<String, String>>,
    /// Linear memory it begins with, all modules together.
    pub memory_bytes_min: u64,
    /// The stack of its main module, where the linker put one at its bottom.
    pub stack_bytes: Option<u64>,
    /// Core modules instantiated with it.
    pub core_instances: usize,
    /// Elements its largest table begins with.
    pub table_elements_min: u64,
    /// How its sandboxes are allocated: `pooled` or `on-demand`.
    pub profile: &'static str,
    /// Libraries built into it, where its build noted them.
    pub dependencies: BTreeSet<String>,
}

/// An import that needs a grant.
#[derive(Debug, serde::Serialize)]
pub struct ImportStatus {
    /// Its full name.
    pub name: String,
    /// What a connector must grant.
    pub needs: &'static str,
}

/// Looks into a component, and asks it to describe itself.
///
/// # Errors
///
/// As for [`Stage::new`], and when the description fails.
pub async fn inspect(component: &Path) -> Result<Inspection, Failed> {
    let stage = Stage::new(component, None, Caller::default()).map_err(Failed::from)?;
    let described = stage.call(Describe).await?;
    let bytes = std::fs::read(component).map_err(|error| Failed::Output(error.to_string()))?;
    let malformed = |error: &dyn std::fmt::Display| Failed::Output(error.to_string());
    let manifest = Manifest::read(&bytes).map_err(|error| malformed(&error))?;
    let linkage = Linkage::of(&bytes).map_err(|error| malformed(&error))?;
    let mut origin = Origin::default();
    // Whoever wrote the file may have written anything there; it is worth no refusal.
    if let Ok(payload) = Payload::from_binary(&bytes) {
        origin.read(&payload);
    }
    let (base, granted): (Vec<_>, Vec<_>) = manifest
        .imports
        .iter()
        .partition(|import| import.need() == Need::Nothing);
    Ok(Inspection {
        config_schema: schema(&described),
        name: described.name,
        version: described.version,
        digest: Digest::of(&bytes),
        size_bytes: bytes.len() as u64,
        roles: manifest.roles.iter().map(|role| role.name()).collect(),
        contract: manifest.imports.iter().filter_map(contract).collect(),
        imports: granted.into_iter().map(status).collect(),
        base_imports: base.iter().map(ToString::to_string).collect(),
        wants: described.wants,
        producers: origin.producers,
        memory_bytes_min: manifest.memory_bytes_min,
        stack_bytes: linkage.stack_bytes,
        core_instances: manifest.core_instances,
        table_elements_min: manifest.table_elements_min,
        profile: match stage.profile() {
            Profile::Pooled => "pooled",
            Profile::OnDemand => "on-demand",
        },
        dependencies: origin.dependencies,
    })
}

/// The configuration's schema; what is no JSON is shown as the text it is.
pub(super) fn schema(description: &Description) -> Value {
    let text = &description.config_schema;
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
}

/// `tenon:connector@0.1.0` of any of its interfaces.
fn contract(import: &Import) -> Option<String> {
    let (interface, version) = import.name().split_once('@')?;
    let (package, _) = interface.split_once('/')?;
    (package == "tenon:connector").then(|| format!("{package}@{version}"))
}

fn status(import: &Import) -> ImportStatus {
    ImportStatus {
        name: import.name().to_owned(),
        needs: match import.need() {
            Need::Nothing => "nothing",
            Need::Http => "[[grants.http]]",
            Need::Secret => "[[grants.secrets]] or credentials in a [[grants.http]]",
            Need::Files => "[[grants.files]]",
            Need::Scratch => "[grants.scratch]",
            Need::Sql => "[[grants.sql]]",
            Need::Kv => "[[grants.kv]]",
            Need::Database => "[grants.database]",
            Need::Unknown => "a host that offers it; this one does not",
        },
    }
}

/// What the tools that made a component have left in it.
#[derive(Debug, Default)]
struct Origin {
    producers: BTreeMap<String, BTreeMap<String, String>>,
    dependencies: BTreeSet<String>,
}

impl Origin {
    fn read(&mut self, payload: &Payload) {
        let metadata = payload.metadata();
        if let Some(producers) = &metadata.producers {
            for (field, values) in producers.iter() {
                let known = self.producers.entry(field.clone()).or_default();
                let values = values.iter();
                known.extend(values.map(|(name, version)| (name.clone(), version.clone())));
            }
        }
        if let Some(dependencies) = &metadata.dependencies {
            let packages = &dependencies.version_info().packages;
            let named = packages
                .iter()
                .map(|package| format!("{} {}", package.name, package.version));
            self.dependencies.extend(named);
        }
        if let Payload::Component { children, .. } = payload {
            for child in children {
                self.read(child);
            }
        }
    }
}
