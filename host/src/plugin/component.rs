//! A plugin, ready to be instantiated.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::cache::Artefact;
use super::linked::{Linked, Place};
use super::manifest::{Manifest, ManifestError};
use super::{Cache, Engine, Profile, Role};
use crate::digest::Digest;

/// A compiled component, in memory while it is called.
pub struct Component {
    /// The digest of its bytes.
    pub digest: Digest,
    /// How its sandboxes are allocated.
    pub profile: Profile,
    roles: BTreeSet<Role>,
    engine: Arc<Engine>,
    artefact: Artefact,
    place: Place,
    /// What sandboxes apart are made of, while there are any.
    apart: Mutex<Weak<Linked>>,
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
    pub fn load(engine: &Arc<Engine>, cache: &Cache, path: &Path) -> Result<Self, LoadError> {
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
        engine: &Arc<Engine>,
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
            .and_then(|compiled| Self::link(engine, digest, profile, manifest.roles, compiled))
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
        engine: &Arc<Engine>,
        digest: Digest,
        profile: Profile,
        roles: BTreeSet<Role>,
        (artefact, compiled): (Artefact, wasmtime::component::Component),
    ) -> wasmtime::Result<Self> {
        let linked = Linked::new(engine.linker(profile), &roles, &compiled)?;
        Ok(Self {
            digest,
            profile,
            roles,
            engine: engine.clone(),
            artefact,
            place: Place::new(linked),
            apart: Mutex::default(),
        })
    }

    /// What sandboxes are made of. Reads its file where it was unloaded: that
    /// is mapped, and takes no longer than starting some sandboxes.
    pub(super) fn linked(&self) -> wasmtime::Result<Arc<Linked>> {
        self.place.get(|| self.load_into(self.profile))
    }

    /// The same for a sandbox that takes no slot of the pool, which would stay
    /// in memory.
    pub(super) fn apart(&self) -> wasmtime::Result<Arc<Linked>> {
        let mut apart = self.apart.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(linked) = apart.upgrade() {
            return Ok(linked);
        }
        let linked = Arc::new(self.load_into(Profile::OnDemand)?);
        *apart = Arc::downgrade(&linked);
        Ok(linked)
    }

    fn load_into(&self, profile: Profile) -> wasmtime::Result<Linked> {
        let compiled = self.artefact.load(self.engine.of(profile))?;
        Linked::new(self.engine.linker(profile), &self.roles, &compiled)
    }

    /// Gives its memory back if nobody has called it for a while.
    pub(super) fn unload_if_idle(&self) {
        if self.place.leave(self.engine.unload_after()) {
            tracing::debug!(digest = self.digest.short(), "unloaded: nobody calls it");
        }
    }

    /// Whether it is in memory, ready to be called.
    pub fn is_loaded(&self) -> bool {
        self.place.is_taken()
    }

    /// Whether the component plays a role.
    pub fn offers(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
