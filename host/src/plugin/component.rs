//! A plugin, ready to be instantiated.

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::component::InstancePre;

use super::manifest::{Manifest, ManifestError};
use super::state::State;
use super::{Cache, Engine, Profile, Role};
use crate::bindings::exports::{file_store, lifecycle, repository};

/// A compiled component with its exports looked up.
pub struct Component {
    /// `sha256:` and the digest of its bytes, in hexadecimal.
    pub digest: String,
    /// How its sandboxes are allocated.
    pub profile: Profile,
    pub(super) pre: InstancePre<State>,
    pub(super) lifecycle: lifecycle::GuestIndices,
    pub(super) file_store: Option<file_store::GuestIndices>,
    pub(super) repository: Option<repository::GuestIndices>,
    manifest: Manifest,
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
    /// Reads a plugin file, compiles it unless that was done before, and links
    /// it. Takes seconds for a large plugin that is not in the cache; call it
    /// where blocking is allowed.
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
        let bytes = std::fs::read(path).map_err(|source| LoadError::Read {
            path: path.to_owned(),
            source,
        })?;
        let manifest = Manifest::read(&bytes)?;
        let profile = profile.unwrap_or_else(|| Profile::of(&manifest));
        Self::compile(engine, cache, &bytes, manifest, profile).map_err(LoadError::Compile)
    }

    fn compile(
        engine: &Engine,
        cache: &Cache,
        bytes: &[u8],
        manifest: Manifest,
        profile: Profile,
    ) -> wasmtime::Result<Self> {
        let digest = hexadecimal(&Sha256::digest(bytes));
        let component = cache.load(engine.of(profile), &digest, bytes)?;
        let pre = engine.linker(profile).instantiate_pre(&component)?;
        Ok(Self {
            digest: format!("sha256:{digest}"),
            profile,
            lifecycle: lifecycle::GuestIndices::new(&pre)?,
            file_store: file_store::GuestIndices::new(&pre).ok(),
            repository: repository::GuestIndices::new(&pre).ok(),
            manifest,
            pre,
        })
    }

    /// What its file says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether the component plays a role.
    pub fn offers(&self, role: Role) -> bool {
        self.manifest.roles.contains(&role)
    }
}
