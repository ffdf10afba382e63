//! What a component file says about itself, read without compiling it.
//!
//! The configuration's check and admission both ask here, before a compiler
//! sees the file: is it a component, which roles does it play, what must it
//! be granted, how large does it start.

mod import;
mod role;
mod toolchain;

pub use import::{Granted, Import, Need};
use role::Export;
pub use role::Role;
use toolchain::Toolchain;
pub use toolchain::{Dependency, Producers, Tool};

use std::collections::BTreeSet;

use wasmparser::{
    ComponentExternalKind, ComponentTypeRef, Encoding, Instance, Parser, Payload, Validator,
};

/// The version of the contract that this host speaks, and every plugin here.
pub const CONTRACT: &str = "0.1";
/// Components and modules within each other. Linkers of components make three
/// levels; hosts work through more at a price that only hostile files ask for.
const DEPTH_MAX: usize = 8;
/// Bytes of a page of linear memory, unless a memory asks for its own size.
const PAGE_BYTES_LOG2: u32 = 16;

/// A component's own account of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Interfaces it imports, in the file's order.
    pub imports: Vec<Import>,
    /// Roles it plays; at least one besides [`Role::Lifecycle`].
    pub roles: BTreeSet<Role>,
    /// Core modules instantiated with it, adapters among them.
    pub core_instances: usize,
    /// Linear memory its modules begin with, all together.
    pub memory_bytes_min: u64,
    /// Elements its largest table begins with.
    pub table_elements_min: u64,
    /// The tools that made it.
    pub producers: Producers,
    /// The libraries built into it, where its build noted them.
    pub dependencies: Vec<Dependency>,
}

/// Why a file is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The bytes are no valid WebAssembly.
    #[error("not valid WebAssembly: {0}")]
    Invalid(#[from] wasmparser::BinaryReaderError),
    /// A core module, not a component.
    #[error("a core module, not a component; build it for `wasm32-wasip2`")]
    Module,
    /// Modules and components are nested too deep.
    #[error("nests components more than {DEPTH_MAX} deep; link them into one")]
    TooNested,
    /// It exports an interface of another version of the contract.
    #[error(
        "exports `{0}`, but this host speaks version {CONTRACT} of `tenon:connector` alone; \
         build it against {CONTRACT}, or use a host that speaks its version"
    )]
    OtherContract(String),
    /// It does not export `lifecycle`.
    #[error("exports no `tenon:connector/lifecycle@0.1`")]
    NoLifecycle,
    /// It plays no role that a frontend could call.
    #[error("exports no role known here, such as `tenon:connector/file-store@0.1`{}", instead(.0))]
    NoRole(Vec<String>),
}

/// What of the contract is exported instead of a known role.
fn instead(unknown: &[String]) -> String {
    if unknown.is_empty() {
        return String::new();
    }
    format!("; not known here: `{}`", unknown.join("`, `"))
}

impl Manifest {
    /// Validates a component file and reads what it says about itself.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] says why the file is no plugin.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if Parser::is_core_wasm(bytes) {
            return Err(ManifestError::Module);
        }
        bound_depth(bytes)?;
        Validator::new().validate_all(bytes)?;
        let mut manifest = Self::default();
        let mut unknown = Vec::new();
        let mut toolchain = Toolchain::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) => {
                    let whole = bytes.get(section.range()).unwrap_or_default();
                    toolchain.read(&section, whole);
                }
                // What nested components import and export is their own affair.
                payload if depth == 0 => manifest.read_outer(&payload, &mut unknown)?,
                payload => manifest.read_inner(&payload)?,
            }
        }
        if !manifest.roles.contains(&Role::Lifecycle) {
            return Err(ManifestError::NoLifecycle);
        }
        if !manifest.roles.iter().any(|role| role.is_called()) {
            return Err(ManifestError::NoRole(unknown));
        }
        manifest.producers = toolchain.producers;
        manifest.dependencies = toolchain.dependencies;
        Ok(manifest)
    }

    fn read_outer(
        &mut self,
        payload: &Payload<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<(), ManifestError> {
        match payload {
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } => return Err(ManifestError::Module),
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    // A type is no access; what uses it is imported beside it.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        self.imports.push(Import::new(import.name.name));
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let name = export.name.name;
                    if export.kind != ComponentExternalKind::Instance {
                        continue;
                    }
                    match Export::read(name) {
                        Export::Role(role) => _ = self.roles.insert(role),
                        Export::UnknownRole => unknown.push(name.to_owned()),
                        Export::OtherContract => {
                            return Err(ManifestError::OtherContract(name.to_owned()));
                        }
                        Export::Foreign => {}
                    }
                }
            }
            other => self.read_inner(other)?,
        }
        Ok(())
    }

    fn read_inner(&mut self, payload: &Payload<'_>) -> Result<(), ManifestError> {
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { .. } = instance? {
                        self.core_instances += 1;
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    let memory = memory?;
                    let page = 1_u64 << memory.page_size_log2.unwrap_or(PAGE_BYTES_LOG2).min(32);
                    let bytes = memory.initial.saturating_mul(page);
                    self.memory_bytes_min = self.memory_bytes_min.saturating_add(bytes);
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone() {
                    self.table_elements_min = self.table_elements_min.max(table?.ty.initial);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Refuses what is nested too deep, before anything recurses into it.
fn bound_depth(bytes: &[u8]) -> Result<(), ManifestError> {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(ManifestError::TooNested);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
