//! Compiled components on disk, so that a restart does not compile again.
//!
//! An artefact is native code: loading a forged one would hand over the
//! process. The directory belongs to the host's own user, and every artefact
//! carries a tag under a key that only this directory knows; one whose tag
//! does not fit is compiled anew.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use wasmtime::component::Component;

const KEY_BYTES: usize = 32;

/// A directory of compiled components.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
    key: [u8; KEY_BYTES],
}

/// The cache directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the cache directory {}: {source}", directory.display())]
pub struct CacheError {
    directory: PathBuf,
    source: io::Error,
}

impl Cache {
    /// Opens a cache directory, making it and its key when missing.
    ///
    /// # Errors
    ///
    /// [`CacheError`] when the directory cannot be read and written.
    pub fn open(directory: &Path) -> Result<Self, CacheError> {
        let failed = |source| CacheError {
            directory: directory.to_owned(),
            source,
        };
        fs::create_dir_all(directory).map_err(failed)?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        Ok(Self {
            directory: directory.to_owned(),
            key: key(&directory.join("key")).map_err(failed)?,
        })
    }

    /// The compiled form of a component, from the directory when it is there.
    pub(super) fn load(
        &self,
        engine: &wasmtime::Engine,
        digest: &str,
        bytes: &[u8],
    ) -> wasmtime::Result<Component> {
        let mut compatibility = DefaultHasher::new();
        engine
            .precompile_compatibility_hash()
            .hash(&mut compatibility);
        let name = format!("{digest}-{:016x}", compatibility.finish());
        let artefact = self.directory.join(&name).with_extension("cwasm");
        match self.read(engine, &artefact) {
            Ok(component) => return Ok(component),
            Err(error) if is_missing(&error) => {}
            Err(error) => tracing::warn!(digest, "cached artefact not used: {error:#}"),
        }
        tracing::info!(digest, "compiling");
        let compiled = engine.precompile_component(bytes)?;
        self.write(&artefact, &compiled)?;
        self.read(engine, &artefact)
    }

    fn read(&self, engine: &wasmtime::Engine, artefact: &Path) -> wasmtime::Result<Component> {
        let mut file = fs::File::open(artefact)?;
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update_reader(&mut file)?;
        let mut tag = [0; blake3::OUT_LEN];
        fs::File::open(tag_path(artefact))?.read_exact(&mut tag)?;
        if hasher.finalize() != blake3::Hash::from_bytes(tag) {
            return Err(wasmtime::format_err!("its tag does not fit"));
        }
        // SAFETY: the open file was written by this cache: its tag was made
        // with a key that nobody but the host's user can read, and no one else
        // may write to the directory while the file stays mapped.
        #[expect(unsafe_code, reason = "mapping our own verified artefact")]
        unsafe {
            // By descriptor, so that it is the very file that was verified.
            Component::deserialize_file(engine, format!("/proc/self/fd/{}", file.as_raw_fd()))
        }
    }

    fn write(&self, artefact: &Path, compiled: &[u8]) -> io::Result<()> {
        let tag = blake3::keyed_hash(&self.key, compiled);
        // The tag goes first: an artefact without one is never seen.
        replace(&self.directory, &tag_path(artefact), tag.as_bytes())?;
        replace(&self.directory, artefact, compiled)
    }
}

fn tag_path(artefact: &Path) -> PathBuf {
    artefact.with_extension("tag")
}

fn replace(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

fn is_missing(error: &wasmtime::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The directory's key, made when there is none. Several hosts may open the
/// same directory at once; the first key that is there as a whole counts.
fn key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    if !path.try_exists()? {
        let halves = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        let seed = halves.map(uuid::Uuid::into_bytes).concat();
        let key = blake3::derive_key("tenon artefact cache", &seed);
        // Readable by its owner alone from the start.
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(path))?;
        file.write_all(&key)?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error.error);
            }
            _ => {}
        }
    }
    let mut key = [0; KEY_BYTES];
    fs::File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}
