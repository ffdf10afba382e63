//! Compiled components on disk, so that a restart does not compile again.
//!
//! An artefact is native code: loading a forged one would hand over the
//! process. The directory belongs to the host's own user, and every artefact
//! carries a tag under a key that only this directory knows; one whose tag
//! does not fit is compiled anew.

mod prune;

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;
use wasmtime::component::Component;

use self::prune::Fate;
use super::{Engine, Profile};
use crate::digest::Digest;

const KEY: &str = "key";
const KEY_BYTES: usize = 32;
const ARTEFACT: &str = "cwasm";
const TAG: &str = "tag";

/// A directory of compiled components.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
    key: [u8; KEY_BYTES],
}

/// A compiled component that was found to be sound. It can be loaded for as long
/// as this lives, although its file may be gone.
#[derive(Debug)]
pub(super) struct Artefact(fs::File);

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
            key: key(&directory.join(KEY)).map_err(failed)?,
        })
    }

    /// The compiled form of a component, if it is there and sound. Reads the
    /// whole file; call it where blocking is allowed.
    pub(super) fn find(
        &self,
        engine: &wasmtime::Engine,
        digest: &Digest,
    ) -> Option<(Artefact, Component)> {
        match self.read(engine, &self.artefact(engine, digest)) {
            Ok(found) => Some(found),
            Err(error) if is_missing(&error) => None,
            Err(error) => {
                tracing::warn!(%digest, "cached artefact not used: {error:#}");
                None
            }
        }
    }

    /// An empty file for a compiler to write to. It vanishes unless it is kept.
    pub(super) fn blank(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(&self.directory)
    }

    /// Keeps what a compiler of this host has written.
    pub(super) fn keep(
        &self,
        engine: &wasmtime::Engine,
        digest: &Digest,
        artefact: NamedTempFile,
    ) -> wasmtime::Result<(Artefact, Component)> {
        let path = self.artefact(engine, digest);
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update_reader(fs::File::open(artefact.path())?)?;
        // The tag goes first: an artefact without one is never seen.
        let mut tag = self.blank()?;
        tag.write_all(hasher.finalize().as_bytes())?;
        tag.persist(tag_path(&path))?;
        artefact.persist(&path)?;
        self.read(engine, &path)
    }

    /// Removes artefacts that nobody used for `older_than`, those of other
    /// versions of the engine, and what compilers left behind when they were
    /// killed. Those in `keep` stay, if this engine can use them. An artefact in
    /// use stays mapped although its file is gone.
    ///
    /// # Errors
    ///
    /// The first file that could not be looked at or removed.
    pub fn prune(
        &self,
        engine: &Engine,
        keep: &BTreeSet<Digest>,
        older_than: Duration,
    ) -> io::Result<usize> {
        // Both profiles share their artefacts.
        let ours = compatibility_of(engine.of(Profile::Pooled));
        let keep: BTreeSet<_> = keep.iter().map(Digest::hexadecimal).collect();
        prune::prune(&self.directory, older_than, |name| {
            let (digest, compatibility) = name.split_once('-')?;
            Some(match (compatibility == ours, keep.contains(digest)) {
                (false, _) => Fate::Remove,
                (true, true) => Fate::Stay,
                (true, false) => Fate::Age,
            })
        })
    }

    fn artefact(&self, engine: &wasmtime::Engine, digest: &Digest) -> PathBuf {
        let name = format!("{}-{}", digest.hexadecimal(), compatibility_of(engine));
        self.directory.join(name).with_extension(ARTEFACT)
    }

    fn read(
        &self,
        engine: &wasmtime::Engine,
        artefact: &Path,
    ) -> wasmtime::Result<(Artefact, Component)> {
        let mut file = fs::File::open(artefact)?;
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update_reader(&mut file)?;
        let mut tag = [0; blake3::OUT_LEN];
        fs::File::open(tag_path(artefact))?.read_exact(&mut tag)?;
        if hasher.finalize() != blake3::Hash::from_bytes(tag) {
            return Err(wasmtime::format_err!("its tag does not fit"));
        }
        // For the clean-up, which leaves what is in use.
        _ = file.set_modified(SystemTime::now());
        let artefact = Artefact(file);
        let component = artefact.load(engine)?;
        Ok((artefact, component))
    }
}

impl Artefact {
    /// Maps it into memory.
    pub(super) fn load(&self, engine: &wasmtime::Engine) -> wasmtime::Result<Component> {
        // SAFETY: the open file was written by this cache: its tag was made
        // with a key that nobody but the host's user can read, and no one else
        // may write to the directory while the file is open or mapped.
        #[expect(unsafe_code, reason = "mapping our own verified artefact")]
        unsafe {
            // By descriptor, so that it is the very file that was verified.
            Component::deserialize_file(engine, format!("/proc/self/fd/{}", self.0.as_raw_fd()))
        }
    }
}

/// What tells the artefacts of one engine's version and settings from others.
fn compatibility_of(engine: &wasmtime::Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn tag_path(artefact: &Path) -> PathBuf {
    artefact.with_extension(TAG)
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
