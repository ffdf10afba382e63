//! The layout of a component in a registry: the one of `wkg` and the CNCF's
//! Wasm OCI artifacts.
//!
//! ```text
//! manifest  application/vnd.oci.image.manifest.v1+json
//! config    application/vnd.wasm.config.v0+json   what the component imports and exports
//! layers    application/wasm                      exactly one: the component's file
//! ```

use std::collections::BTreeMap;

use oci_client::manifest::{OciDescriptor, OciImageManifest};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wasmparser::{Parser, Payload};

use super::Error;
use super::reference::Repository;
use super::session::{MANIFEST_MEDIA_TYPE, Manifest};
use crate::digest::Digest;

const CONFIG_MEDIA_TYPE: &str = "application/vnd.wasm.config.v0+json";
const LAYER_MEDIA_TYPE: &str = "application/wasm";
/// By this annotation tools name the file that they write.
const TITLE: &str = "org.opencontainers.image.title";

/// The config of a component's manifest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: String,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [Digest; 1],
    component: Component,
}

/// What a component imports and exports, by the names in its file.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Component {
    exports: Vec<String>,
    imports: Vec<String>,
    /// The world it was made for; files do not say.
    target: Option<String>,
}

/// The layer that is the component.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) digest: Digest,
    pub(super) size: u64,
}

/// The config for a component's file.
pub(super) fn config(component: &[u8]) -> Result<Vec<u8>, Error> {
    let created = OffsetDateTime::now_utc().format(&Rfc3339);
    let config = Config {
        created: created.map_err(|error| Error::NotAPlugin(error.to_string()))?,
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [Digest::of(component)],
        component: read(component)?,
    };
    json(&config)
}

/// The manifest over a config and a component that are already stored.
pub(super) fn manifest(
    repository: &Repository,
    config: (&Digest, usize),
    component: (&Digest, usize),
    annotations: BTreeMap<String, String>,
) -> Result<Vec<u8>, Error> {
    let name = repository.path.rsplit('/').next().unwrap_or_default();
    let title = annotations.get(TITLE).cloned();
    let title = title.unwrap_or_else(|| format!("{name}.wasm"));
    let mut layer = descriptor(LAYER_MEDIA_TYPE, component);
    layer.annotations = Some(BTreeMap::from([(TITLE.to_owned(), title)]));
    let manifest = OciImageManifest {
        media_type: Some(MANIFEST_MEDIA_TYPE.to_owned()),
        config: descriptor(CONFIG_MEDIA_TYPE, config),
        layers: vec![layer],
        annotations: Some(annotations).filter(|annotations| !annotations.is_empty()),
        ..OciImageManifest::default()
    };
    json(&manifest)
}

/// The one layer of a manifest that has this layout.
pub(super) fn layer(manifest: &Manifest) -> Result<Layer, Error> {
    let refuse = |why: String| Error::NotAPlugin(format!("not the artifact of a component: {why}"));
    let parsed: OciImageManifest = serde_json::from_slice(&manifest.bytes)
        .map_err(|error| refuse(format!("its manifest is none of an image ({error})")))?;
    let is_manifest = |media_type: &String| media_type == MANIFEST_MEDIA_TYPE;
    if !parsed.media_type.as_ref().is_none_or(is_manifest) {
        return Err(refuse(format!(
            "its manifest is not `{MANIFEST_MEDIA_TYPE}`"
        )));
    }
    let config = parsed.config.media_type;
    if config != CONFIG_MEDIA_TYPE {
        return Err(refuse(format!(
            "its config is `{}`, not `{CONFIG_MEDIA_TYPE}`",
            config.escape_debug()
        )));
    }
    let [layer] = parsed.layers.as_slice() else {
        let count = parsed.layers.len();
        return Err(refuse(format!("it has {count} layers, not one")));
    };
    if layer.media_type != LAYER_MEDIA_TYPE {
        return Err(refuse(format!(
            "its layer is `{}`, not `{LAYER_MEDIA_TYPE}`",
            layer.media_type.escape_debug()
        )));
    }
    let digest = layer.digest.parse();
    let size = u64::try_from(layer.size).map_err(|_| refuse("its layer has no size".into()))?;
    Ok(Layer {
        digest: digest.map_err(|error| refuse(format!("{error}")))?,
        size,
    })
}

/// Whether a manifest is of this component, with these annotations.
pub(super) fn is_of(
    manifest: &Manifest,
    component: &Layer,
    annotations: &BTreeMap<String, String>,
) -> bool {
    let parsed = serde_json::from_slice::<OciImageManifest>(&manifest.bytes);
    let found = parsed.map(|parsed| parsed.annotations.unwrap_or_default());
    found.is_ok_and(|found| found == *annotations)
        && layer(manifest).is_ok_and(|layer| layer == *component)
}

/// A reference from a manifest to bytes in the same repository.
pub(super) fn descriptor(media_type: &str, (digest, size): (&Digest, usize)) -> OciDescriptor {
    OciDescriptor {
        media_type: media_type.to_owned(),
        digest: digest.to_string(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    }
}

pub(super) fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    // Plain structures of texts and numbers always can be written.
    serde_json::to_vec(value).map_err(|error| Error::NotAPlugin(error.to_string()))
}

fn read(bytes: &[u8]) -> Result<Component, Error> {
    if !Parser::is_component(bytes) {
        return Err(Error::NotAPlugin(
            "not a WebAssembly component; build it for `wasm32-wasip2`".to_owned(),
        ));
    }
    let invalid = |error| Error::NotAPlugin(format!("not valid WebAssembly: {error}"));
    let mut component = Component::default();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            // What nested ones import and export is their own affair.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    component
                        .imports
                        .push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    component
                        .exports
                        .push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(component)
}

#[cfg(test)]
mod tests;
