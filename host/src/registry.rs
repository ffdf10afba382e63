//! Components as artifacts in OCI registries: fetched, stored, signed and
//! verified.
//!
//! Nothing that a registry answers is believed: bytes are held against the
//! digest that names them, lengths against limits, signatures against the
//! keys of the operator's policy. This module knows digests and nothing else
//! of the host.

mod artifact;
mod body;
mod challenge;
mod config;
pub mod docker;
mod error;
mod key;
mod reference;
mod session;
mod signature;
mod upload;

pub use config::{Access, Config, Credentials, NameError, Policy, RegistryName, Scope, TrustedKey};
pub use error::Error;
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use reference::Reference;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use self::artifact::Layer;
use self::session::{Purpose, Session};
use self::signature::Subject;
use crate::digest::Digest;

/// A pull or push that takes longer than this is given up.
const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The registries of a configuration. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registries {
    config: Arc<Config>,
}

/// A component from a registry.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The component's file.
    pub bytes: Bytes,
    /// Its digest.
    pub digest: Digest,
    /// `registry/repository@sha256:…` of the manifest, which will always mean
    /// these bytes.
    pub pinned: String,
    /// The policy's name for the key that has signed it.
    pub signed_by: Option<String>,
}

/// A component that is now in a registry.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The component's digest.
    pub digest: Digest,
    /// `registry/repository@sha256:…` of the manifest.
    pub pinned: String,
    /// Whether a signature was added.
    pub signed: bool,
}

impl Registries {
    /// Registries as configured. Nothing is connected yet.
    pub fn new(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }

    /// Fetches the component that a reference names, if the signature policy
    /// lets it pass.
    ///
    /// # Errors
    ///
    /// [`Error`]; where a policy requires a signature, also whatever keeps it
    /// from being verified.
    pub async fn pull(&self, reference: &str) -> Result<Pulled, Error> {
        let reference: Reference = reference.parse()?;
        within(&reference, self.pull_parsed(&reference)).await
    }

    /// Stores a component under a tag, and signs it when there is a key. Where
    /// the tag has the same component and annotations already, its manifest
    /// stays, and the signature is one more.
    ///
    /// # Errors
    ///
    /// [`Error`]. A component may be stored and its signature not.
    pub async fn push(
        &self,
        reference: &str,
        bytes: Bytes,
        annotations: BTreeMap<String, String>,
        sign: Option<&SigningKey>,
    ) -> Result<Pushed, Error> {
        let reference: Reference = reference.parse()?;
        if reference.digest.is_some() {
            return Err(Error::BadReference(format!(
                "`{reference}` names a digest; what is pushed gets its own, so name a tag"
            )));
        }
        within(
            &reference,
            self.push_parsed(&reference, bytes, annotations, sign),
        )
        .await
    }

    async fn pull_parsed(&self, reference: &Reference) -> Result<Pulled, Error> {
        let repository = &reference.repository;
        let session = Session::open(&self.config, repository, Purpose::Pull)?;
        let manifest = session.manifest(reference.target()).await?;
        if let Some(expected) = reference
            .digest
            .as_ref()
            .filter(|it| **it != manifest.digest)
        {
            return Err(Error::WrongDigest {
                what: format!("the manifest of {repository}"),
                expected: expected.clone(),
                found: manifest.digest,
            });
        }
        let layer = artifact::layer(&manifest)?;
        let what = format!("the component of {reference}");
        if layer.size > self.config.component_bytes_max {
            return Err(Error::TooLarge {
                what,
                max: self.config.component_bytes_max,
            });
        }
        let subject = Subject {
            repository,
            tag: reference.digest.is_none().then(|| reference.tag()),
            digest: &manifest.digest,
        };
        let signed_by = self.verify(&session, &subject).await?;
        let bytes = body::blob(&session, &what, &layer.digest, layer.size).await?;
        Ok(Pulled {
            bytes,
            digest: layer.digest,
            pinned: repository.pinned(&manifest.digest),
            signed_by,
        })
    }

    /// Who has signed it. Where nobody has to, a signature that cannot be
    /// verified is none, and the log says why.
    async fn verify(
        &self,
        session: &Session,
        subject: &Subject<'_>,
    ) -> Result<Option<String>, Error> {
        let repository = subject.repository;
        let Some(policy) = self.config.policy(repository) else {
            return if self.config.signed_only {
                Err(Error::NoKey(format!(
                    "{repository} needs a signature, and nothing says whose: \
                     add a [[signatures]] with a scope that covers it, or pull with --key"
                )))
            } else {
                Ok(None)
            };
        };
        match signature::verify(session, subject, &policy.keys).await {
            Ok(name) => Ok(Some(name)),
            Err(error) if policy.required || self.config.signed_only => Err(error),
            Err(error) => {
                let code = error.code();
                tracing::warn!(%repository, code, "taken without a signature: {error}");
                Ok(None)
            }
        }
    }

    async fn push_parsed(
        &self,
        reference: &Reference,
        bytes: Bytes,
        annotations: BTreeMap<String, String>,
        key: Option<&SigningKey>,
    ) -> Result<Pushed, Error> {
        let repository = &reference.repository;
        let config = artifact::config(&bytes)?;
        if bytes.len() as u64 > self.config.component_bytes_max {
            return Err(Error::TooLarge {
                what: "the component".to_owned(),
                max: self.config.component_bytes_max,
            });
        }
        let session = Session::open(&self.config, repository, Purpose::Push)?;
        let size = bytes.len();
        let component = upload::blob(&session, "the component", bytes).await?;
        let layer = Layer {
            digest: component,
            size: size as u64,
        };
        let there = session.manifest(reference.tag()).await.ok();
        let same = there.filter(|there| artifact::is_of(there, &layer, &annotations));
        let manifest = match same {
            // One more would be another artifact, without the signatures of this one.
            Some(there) => there.digest,
            None => {
                let config_size = config.len();
                let config =
                    upload::blob(&session, "the component's config", config.into()).await?;
                let config = (&config, config_size);
                let manifest =
                    artifact::manifest(repository, config, (&layer.digest, size), annotations)?;
                upload::manifest(&session, reference.tag(), manifest).await?
            }
        };
        if let Some(key) = key {
            let subject = Subject {
                repository,
                tag: Some(reference.tag()),
                digest: &manifest,
            };
            signature::sign(&session, &subject, key).await?;
        }
        Ok(Pushed {
            digest: layer.digest,
            pinned: repository.pinned(&manifest),
            signed: key.is_some(),
        })
    }
}

async fn within<T>(
    reference: &Reference,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let finished = tokio::time::timeout(TIMEOUT, work).await;
    finished.unwrap_or_else(|_| {
        let registry = reference.registry();
        Err(Error::Unreachable(format!("{registry} is too slow")))
    })
}

#[cfg(test)]
mod tests;
