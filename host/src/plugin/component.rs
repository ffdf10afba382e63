//! A plugin, ready to be instantiated.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use wasmtime::component::InstancePre;

use super::manifest::{Manifest, ManifestError};
use super::state::State;
use super::{Cache, Engine, Profile, Role};
use crate::bindings::exports::{
    database, file_store, handoff, incoming_handler, lifecycle, message_log, metadata_store,
    processor, repository, resources,
};
use crate::digest::Digest;

/// A compiled component with its exports looked up.
pub struct Component {
    /// The digest of its bytes.
    pub digest: Digest,
    /// How its sandboxes are allocated.
    pub profile: Profile,
    pub(super) pre: InstancePre<State>,
    pub(super) lifecycle: lifecycle::GuestIndices,
    pub(super) handoff: Option<handoff::GuestIndices>,
    pub(super) file_store: Option<file_store::GuestIndices>,
    pub(super) repository: Option<repository::GuestIndices>,
    pub(super) metadata_store: Option<metadata_store::GuestIndices>,
    pub(super) database: Option<database::GuestIndices>,
    pub(super) message_log: Option<message_log::GuestIndices>,
    pub(super) processor: Option<processor::GuestIndices>,
    /// None as well for one that names no routes.
    pub(super) resources: Option<resources::GuestIndices>,
    pub(super) incoming_handler: Option<incoming_handler::GuestIndices>,
    roles: BTreeSet<Role>,
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("digest", &self.digest)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// A plugin file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The plugin file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// The file is not a plugin.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Wasmtime does not compile or link it.
    #[error("cannot be compiled: {0:#}")]
    Compile(wasmtime::Error),
}

impl Component {
    /// Reads a plugin file, compiles it in this very process unless that was
    /// done before, and links it. For tools and benches, whose user brought the
    /// file: nothing bounds what compiling takes, and nobody asks the component
    /// to describe itself. A host that serves admits components instead.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the file is missing, no plugin, or does not compile.
    pub fn load(engine: &Engine, cache: &Cache, path: &Path) -> Result<Self, LoadError> {
        Self::load_for(engine, cache, path, None)
    }

    /// The same for a profile of one's choice, to see how a component does in
    /// either; `None` takes the one it fits.
    ///
    /// # Errors
    ///
    /// As for [`Component::load`]; a component too large for a slot of the pool
    /// does not compile for it.
    pub fn load_for(
        engine: &Engine,
        cache: &Cache,
        path: &Path,
        profile: Option<Profile>,
    ) -> Result<Self, LoadError> {
        let (bytes, manifest) = Self::read(path)?;
        let profile = profile.unwrap_or_else(|| Profile::of(&manifest));
        let digest = Digest::of(&bytes);
        let compiled = || {
            let engine = engine.of(profile);
            if let Some(compiled) = cache.find(engine, &digest) {
                return Ok(compiled);
            }
            let artefact = cache.blank()?;
            std::fs::write(artefact.path(), engine.precompile_component(&bytes)?)?;
            cache.keep(engine, &digest, artefact)
        };
        compiled()
            .and_then(|compiled| Self::link(engine, digest, profile, manifest.roles, &compiled))
            .map_err(LoadError::Compile)
    }

    /// A plugin file's bytes, and what they say about themselves.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the file is missing or no plugin.
    pub fn read(path: &Path) -> Result<(Vec<u8>, Manifest), LoadError> {
        let bytes = std::fs::read(path).map_err(|source| LoadError::Read {
            path: path.to_owned(),
            source,
        })?;
        let manifest = Manifest::read(&bytes)?;
        Ok((bytes, manifest))
    }

    /// Links what was compiled. Fails where an interface it imports, or one of
    /// its roles, is not of the form known here.
    pub(super) fn link(
        engine: &Engine,
        digest: Digest,
        profile: Profile,
        roles: BTreeSet<Role>,
        compiled: &wasmtime::component::Component,
    ) -> wasmtime::Result<Self> {
        let pre = engine.linker(profile).instantiate_pre(compiled)?;
        // Looked up where the role is played, which must then be of the form known here.
        macro_rules! indices {
            ($role:ident, $interface:ident) => {
                roles
                    .contains(&Role::$role)
                    .then(|| $interface::GuestIndices::new(&pre))
                    .transpose()?
            };
        }
        Ok(Self {
            digest,
            profile,
            lifecycle: lifecycle::GuestIndices::new(&pre)?,
            handoff: indices!(Handoff, handoff),
            file_store: indices!(FileStore, file_store),
            repository: indices!(Repository, repository),
            metadata_store: indices!(MetadataStore, metadata_store),
            database: indices!(Database, database),
            message_log: indices!(MessageLog, message_log),
            processor: indices!(Processor, processor),
            resources: resources::GuestIndices::new(&pre).ok(),
            incoming_handler: indices!(Rest, incoming_handler),
            roles,
            pre,
        })
    }

    /// Whether the component plays a role.
    pub fn offers(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
