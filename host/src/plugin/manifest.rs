//! What a component file says about itself, read without compiling it.
//!
//! The configuration's check and admission both ask here, before a compiler
//! sees the file: is it a component, which roles does it play, what must it
//! be granted, how large does it start.

mod import;

pub use import::{Import, Need};

use std::collections::BTreeSet;
use std::fmt;

use wasmparser::{
    ComponentExternalKind, ComponentTypeRef, Encoding, Instance, Parser, Payload, Validator,
};

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
}

/// An interface of `tenon:connector` that a component may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Describes and checks itself; every plugin does.
    Lifecycle,
    /// Hands its state over to a successor.
    Handoff,
    /// Files in folders.
    FileStore,
    /// Deposits of research data.
    Repository,
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
    /// It does not export `lifecycle`.
    #[error("exports no `tenon:connector/lifecycle@0.1`")]
    NoLifecycle,
    /// It plays no role that a frontend could call.
    #[error("exports no role known here, such as `tenon:connector/file-store@0.1`")]
    NoRole,
}

impl Role {
    /// Every role, in the order of this list.
    pub const ALL: [Self; 4] = [
        Self::Lifecycle,
        Self::Handoff,
        Self::FileStore,
        Self::Repository,
    ];

    /// The interface's name in `tenon:connector`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Handoff => "handoff",
            Self::FileStore => "file-store",
            Self::Repository => "repository",
        }
    }

    /// Whether frontends call it; the others serve the host itself.
    pub const fn is_called(self) -> bool {
        matches!(self, Self::FileStore | Self::Repository)
    }

    /// The role an export's full name stands for, in any version of 0.1.
    fn from_export(name: &str) -> Option<Self> {
        let (interface, version) = name.split_once('@')?;
        let role = interface.strip_prefix(import::OWN_PACKAGE)?;
        let known = Self::ALL.into_iter().find(|known| known.name() == role)?;
        version.starts_with(import::OWN_VERSION).then_some(known)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
        Validator::new().validate_all(bytes)?;
        let mut manifest = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                // What nested components import and export is their own affair.
                payload if depth == 0 => manifest.read_outer(&payload)?,
                payload => manifest.read_inner(&payload)?,
            }
        }
        if !manifest.roles.contains(&Role::Lifecycle) {
            return Err(ManifestError::NoLifecycle);
        }
        if !manifest.roles.iter().any(|role| role.is_called()) {
            return Err(ManifestError::NoRole);
        }
        Ok(manifest)
    }

    fn read_outer(&mut self, payload: &Payload<'_>) -> Result<(), ManifestError> {
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
                    if export.kind == ComponentExternalKind::Instance {
                        self.roles.extend(Role::from_export(export.name.name));
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

#[cfg(test)]
mod tests;
