//! The way of a component from bytes to something that can run, once per
//! digest: size, form, imports, compilation, self-description. The first step
//! that fails refuses it by name, and nothing of it is kept.

mod compiler;
mod description;
mod facts;
mod refusal;
mod schema;

pub use compiler::CompileError;
pub use facts::Facts;
pub use refusal::Refusal;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fail::fail_point;

use self::compiler::Compiler;
use super::cache::Artefact;
use super::manifest::{Import, Manifest, Need, Role};
use super::{Cache, Component, Engine, Profile};
use crate::digest::Digest;
use crate::limits::AdmissionLimits;

/// Admits components. One serves the whole process.
#[derive(Debug)]
pub struct Admission {
    engine: Arc<Engine>,
    cache: Cache,
    limits: AdmissionLimits,
    compiler: Compiler,
}

/// A component that may run.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The digest of its bytes.
    pub digest: Digest,
    /// What is known of it.
    pub facts: Facts,
    /// The component, ready to be instantiated.
    pub component: Arc<Component>,
}

/// What linking needs to know of a file.
#[derive(Debug, Clone)]
struct Outline {
    digest: Digest,
    profile: Profile,
    roles: BTreeSet<Role>,
}

impl Admission {
    /// `compiler` is the `tenon` program, which is started again for every
    /// compilation; `/proc/self/exe` in the host itself.
    pub fn new(
        engine: Arc<Engine>,
        cache: Cache,
        limits: AdmissionLimits,
        compiler: PathBuf,
    ) -> Self {
        let compiler = Compiler::new(compiler, limits.clone());
        Self {
            engine,
            cache,
            limits,
            compiler,
        }
    }

    /// Takes a component through every step.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of the first step that failed.
    pub async fn admit(&self, bytes: Bytes) -> Result<Admitted, Refusal> {
        let (size, limit) = (bytes.len() as u64, self.limits.component_bytes);
        if size > limit {
            return Err(Refusal::TooLarge { size, limit });
        }
        let file = bytes.clone();
        let (digest, manifest) =
            blocking(move || (Digest::of(&file), Manifest::read(&file))).await?;
        fail_point!("admission-received");
        let manifest = manifest?;
        check_imports(&manifest.imports)?;
        let outline = Outline {
            digest: digest.clone(),
            profile: Profile::of(&manifest),
            roles: manifest.roles.clone(),
        };
        let component = match self.find(outline.clone()).await? {
            Some(component) => component,
            None => self.compile(outline, &bytes).await?,
        };
        fail_point!("admission-compiled");
        let description = description::ask(&self.engine, component.clone(), &digest).await?;
        let schema = description::check(&description)?;
        fail_point!("admission-described");
        Ok(Admitted {
            facts: Facts::new(size, manifest, description, schema),
            digest,
            component,
        })
    }

    /// A component admitted earlier. Compiled artefacts are kept, so that
    /// `bytes` is hardly ever waited for: after a change of the engine, or
    /// where another host admitted it.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] when the bytes cannot be had or this host cannot compile
    /// or link them.
    pub async fn load<F>(
        &self,
        digest: &Digest,
        facts: &Facts,
        bytes: F,
    ) -> Result<Arc<Component>, Refusal>
    where
        F: Future<Output = Result<Bytes, String>> + Send,
    {
        let outline = Outline {
            digest: digest.clone(),
            profile: facts.profile(),
            roles: facts.roles.clone(),
        };
        if let Some(component) = self.find(outline.clone()).await? {
            return Ok(component);
        }
        let bytes = bytes.await.map_err(Refusal::Bytes)?;
        let stored = bytes.clone();
        let found = blocking(move || Digest::of(&stored)).await?;
        if found != *digest {
            let expected = digest.clone();
            return Err(Refusal::WrongDigest { expected, found });
        }
        self.compile(outline, &bytes).await
    }

    /// Removes compiled artefacts that were not used for `older_than`, except
    /// those of `keep`, and all of other versions of the engine. How many.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub async fn prune(&self, keep: BTreeSet<Digest>, older_than: Duration) -> io::Result<usize> {
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        let pruned = blocking(move || cache.prune(&engine, &keep, older_than)).await;
        pruned.map_err(io::Error::other)?
    }

    async fn find(&self, outline: Outline) -> Result<Option<Arc<Component>>, Refusal> {
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        blocking(move || {
            let compiled = cache.find(engine.of(outline.profile), &outline.digest);
            compiled
                .map(|compiled| link(&engine, outline, compiled))
                .transpose()
        })
        .await?
    }

    async fn compile(&self, outline: Outline, bytes: &Bytes) -> Result<Arc<Component>, Refusal> {
        tracing::info!(digest = %outline.digest, bytes = bytes.len(), "compiling");
        let cache = self.cache.clone();
        let artefact = blocking(move || cache.blank()).await??;
        let into = artefact.as_file().try_clone()?;
        self.compiler.compile(bytes, into).await?;
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        blocking(move || {
            let kept = cache.keep(engine.of(outline.profile), &outline.digest, artefact);
            let compiled = kept.map_err(|error| Refusal::Host(format!("{error:#}")))?;
            link(&engine, outline, compiled)
        })
        .await?
    }
}

fn check_imports(imports: &[Import]) -> Result<(), Refusal> {
    let unknown = imports
        .iter()
        .filter(|import| import.need() == Need::Unknown);
    let unknown: Vec<_> = unknown.map(|import| import.name().to_owned()).collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Refusal::UnknownImport(unknown))
    }
}

fn link(
    engine: &Arc<Engine>,
    outline: Outline,
    compiled: (Artefact, wasmtime::component::Component),
) -> Result<Arc<Component>, Refusal> {
    let Outline {
        digest,
        profile,
        roles,
    } = outline;
    Component::link(engine, digest, profile, roles, compiled)
        .map(Arc::new)
        .map_err(|error| Refusal::Mismatch(format!("{error:#}")))
}

/// Runs what reads whole files away from the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refusal::Host(error.to_string()))
}
