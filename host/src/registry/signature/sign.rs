//! Adds a signature to those that an artifact has.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::manifest::OciImageManifest;
use serde_json::json;

use super::{ANNOTATION, CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE, Subject, payload, tag};
use crate::registry::session::{MANIFEST_MEDIA_TYPE, Session};
use crate::registry::{Error, SigningKey, artifact, upload};

/// No artifact is as old as this; cosign writes it where a time means nothing.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// Signs the subject. The signatures at its tag stay; the same one is not
/// added twice.
pub(in crate::registry) async fn sign(
    session: &Session,
    subject: &Subject<'_>,
    key: &SigningKey,
) -> Result<(), Error> {
    let tag = tag(subject.digest);
    let mut manifest = existing(session, &tag).await?;
    let payload = payload::write(subject);
    let signature = STANDARD.encode(key.sign(&payload));
    let size = payload.len();
    let digest = upload::blob(session, "a signature", payload.into()).await?;
    let mut layer = artifact::descriptor(LAYER_MEDIA_TYPE, (&digest, size));
    layer.annotations = Some(BTreeMap::from([(ANNOTATION.to_owned(), signature)]));
    let is_same = |old: &_| {
        let old: &oci_client::manifest::OciDescriptor = old;
        old.digest == layer.digest && old.annotations == layer.annotations
    };
    if manifest.layers.iter().any(is_same) {
        return Ok(());
    }
    manifest.layers.push(layer);
    let config = config(&manifest)?;
    let size = config.len();
    let digest = upload::blob(session, "a signature's config", config.into()).await?;
    manifest.config = artifact::descriptor(CONFIG_MEDIA_TYPE, (&digest, size));
    let bytes = artifact::json(&manifest)?;
    upload::manifest(session, &tag, bytes).await.map(drop)
}

/// The signatures so far.
async fn existing(session: &Session, tag: &str) -> Result<OciImageManifest, Error> {
    match session.manifest(tag).await {
        Ok(manifest) => serde_json::from_slice(&manifest.bytes).map_err(|error| {
            let repository = &session.repository;
            Error::BadAnswer(format!(
                "{repository}:{tag} is there and holds no signatures ({error}); remove the tag"
            ))
        }),
        Err(Error::NotFound(_)) => Ok(OciImageManifest {
            media_type: Some(MANIFEST_MEDIA_TYPE.to_owned()),
            ..OciImageManifest::default()
        }),
        Err(error) => Err(error),
    }
}

/// The config of an image with these layers, which is what the signatures
/// look like to a registry.
fn config(manifest: &OciImageManifest) -> Result<Vec<u8>, Error> {
    let layers = manifest.layers.iter();
    let digests: Vec<_> = layers.map(|layer| layer.digest.as_str()).collect();
    let history: Vec<_> = digests
        .iter()
        .map(|_| json!({"created": NO_TIME}))
        .collect();
    artifact::json(&json!({
        "architecture": "",
        "config": {},
        "created": NO_TIME,
        "history": history,
        "os": "",
        "rootfs": {"diff_ids": digests, "type": "layers"},
    }))
}
