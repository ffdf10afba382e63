//! How components get into the catalog, and back out of it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{Actor, Catalog, Configured, Refusal, Wanted};
use crate::digest::Digest;
use crate::dispatch::Version;
use crate::persistence::{self, NewEvent};
use crate::plugin::{Component, ComponentLauncher, Facts, Settings, admission};
use crate::registry;

/// A component that was admitted, ready to run.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) digest: Digest,
    pub(super) facts: Arc<Facts>,
    pub(super) component: Arc<Component>,
}

impl Known {
    /// The component as one connector runs it.
    pub(super) fn version(&self, configured: &Configured) -> Arc<Version> {
        let settings = Settings {
            grants: configured.grants.clone(),
            config: configured.values.clone(),
            limits: configured.limits.clone(),
            usage: configured.usage.clone(),
        };
        let isolation = configured.isolation.clone();
        let launcher = ComponentLauncher::new(self.component.clone(), settings, isolation);
        Version::new(self.digest.clone(), Arc::new(launcher))
    }
}

/// Where bytes come from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// For people.
    pub(super) source: String,
    /// The pinned reference, for an artifact of a registry.
    pub(super) reference: Option<String>,
    /// Whose signature was verified.
    pub(super) signed_by: Option<String>,
}

impl Origin {
    /// Bytes that nobody vouches for.
    pub(super) fn unsigned(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            reference: None,
            signed_by: None,
        }
    }
}

impl Catalog {
    /// Admits bytes, unless that was done before.
    pub(super) async fn admit(
        &self,
        bytes: Bytes,
        origin: &Origin,
        by: &Actor,
    ) -> Result<Known, Refusal> {
        let digest = Digest::of(&bytes);
        if self.signed_only && origin.signed_by.is_none() {
            let refusal = Refusal::NotFetched {
                code: "unsigned",
                message: format!(
                    "{} has no verified signature, and [admission] signed_only admits no others; \
                     push it to a registry with `tenon plugin push --sign`",
                    origin.source
                ),
            };
            return Err(self
                .refused("admission-refused", None, Some(&digest), refusal, by)
                .await);
        }
        if let Some(known) = self.known(&digest).await? {
            return Ok(known);
        }
        let turn = self.loaded.turn(&digest);
        let _turn = turn.lock().await;
        if let Some(known) = self.loaded.get(&digest) {
            return Ok(known);
        }
        // A file that many connectors name is looked at once; an operator who
        // asks again gets a new answer.
        if *by == Actor::files()
            && let Some((code, message)) = self.loaded.refusal(&digest)
        {
            return Err(Refusal::NotAdmitted { code, message });
        }
        let admitted = match self.admission.admit(bytes.clone()).await {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.loaded
                    .refuse(&digest, refusal.code(), refusal.to_string());
                let refusal = not_admitted(&refusal);
                let action = "admission-refused";
                return Err(self.refused(action, None, Some(&digest), refusal, by).await);
            }
        };
        self.store(&admitted, &bytes, origin, by).await?;
        fail::fail_point!("admission-stored");
        Ok(self.loaded.put(Known {
            digest,
            facts: Arc::new(admitted.facts),
            component: admitted.component,
        }))
    }

    async fn store(
        &self,
        admitted: &admission::Admitted,
        bytes: &[u8],
        origin: &Origin,
        by: &Actor,
    ) -> Result<(), Refusal> {
        let digest = &admitted.digest;
        let row = persistence::Component {
            digest: digest.clone(),
            name: admitted.facts.name.clone(),
            version: admitted.facts.version.clone(),
            size: bytes.len() as u64,
            facts: serde_json::to_value(&admitted.facts).unwrap_or_default(),
            source: origin.source.clone(),
            reference: origin.reference.clone(),
            admitted_by: by.as_str().to_owned(),
            admitted_at: 0,
        };
        let event = NewEvent {
            actor: by.as_str(),
            action: "admitted",
            connector: None,
            digest: Some(digest),
            detail: json!({
                "name": row.name,
                "version": row.version,
                "source": row.source,
                "signed_by": origin.signed_by,
            }),
        };
        let stored = self.persistence.add_component(&row, Some(bytes), event);
        stored.await?;
        let (name, version) = (&row.name, &row.version);
        tracing::info!(digest = digest.short(), name, version, "admitted");
        Ok(())
    }

    /// A component that was admitted before, by this host or another one.
    pub(super) async fn known(&self, digest: &Digest) -> Result<Option<Known>, Refusal> {
        if let Some(known) = self.loaded.get(digest) {
            return Ok(Some(known));
        }
        let Some(row) = self.persistence.component(digest).await? else {
            return Ok(None);
        };
        let turn = self.loaded.turn(digest);
        let _turn = turn.lock().await;
        if let Some(known) = self.loaded.get(digest) {
            return Ok(Some(known));
        }
        let facts: Facts = serde_json::from_value(row.facts).map_err(|error| {
            Refusal::Persistence(persistence::Error::Unreadable {
                what: "facts",
                why: error.to_string(),
            })
        })?;
        let bytes = self.bytes(digest, row.reference.as_deref());
        let component = self.admission.load(digest, &facts, bytes).await;
        let component = component.map_err(|refusal| not_admitted(&refusal))?;
        Ok(Some(self.loaded.put(Known {
            digest: digest.clone(),
            facts: Arc::new(facts),
            component,
        })))
    }

    /// The same, where it is refused that there is none.
    pub(super) async fn admitted(&self, digest: &Digest) -> Result<Known, Refusal> {
        let known = self.known(digest).await?;
        known.ok_or_else(|| Refusal::NoComponent(digest.to_string()))
    }

    async fn bytes(&self, digest: &Digest, reference: Option<&str>) -> Result<Bytes, String> {
        let kept = self.persistence.bytes(digest).await;
        if let Some(bytes) = kept.map_err(|error| error.to_string())? {
            return Ok(bytes.into());
        }
        let reference = reference.ok_or("its bytes are kept nowhere")?;
        let pulled = self.registries.pull(reference).await;
        Ok(pulled.map_err(|error| error.to_string())?.bytes)
    }

    /// Fetches an artifact and admits it.
    pub(super) async fn fetch_known(&self, reference: &str, by: &Actor) -> Result<Known, Refusal> {
        let reference = reference.strip_prefix("oci://").unwrap_or(reference);
        let pulled = match self.registries.pull(reference).await {
            Ok(pulled) => pulled,
            Err(error) => {
                let refusal = not_fetched(&error);
                return Err(self
                    .refused("admission-refused", None, None, refusal, by)
                    .await);
            }
        };
        let origin = Origin {
            source: format!("oci://{reference}"),
            reference: Some(pulled.pinned),
            signed_by: pulled.signed_by,
        };
        self.admit(pulled.bytes, &origin, by).await
    }

    /// What an operator names.
    pub(super) async fn resolve(&self, wanted: &Wanted, by: &Actor) -> Result<Known, Refusal> {
        match wanted {
            Wanted::Reference(reference) => self.fetch_known(reference, by).await,
            Wanted::Digest(digest) => self.admitted(digest).await,
            Wanted::Version { name, version } => {
                let components = self.persistence.components().await?;
                let mut found = components.into_iter();
                let found = found.find(|row| row.name == *name && row.version == *version);
                let missing = || Refusal::NoComponent(wanted.to_string());
                self.admitted(&found.ok_or_else(missing)?.digest).await
            }
        }
    }
}

fn not_admitted(refusal: &admission::Refusal) -> Refusal {
    Refusal::NotAdmitted {
        code: refusal.code(),
        message: refusal.to_string(),
    }
}

fn not_fetched(error: &registry::Error) -> Refusal {
    Refusal::NotFetched {
        code: error.code(),
        message: error.to_string(),
    }
}
