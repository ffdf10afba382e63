//! A connector's plugin: where it comes from, and whether the file that is
//! there now would do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::reading::Reading;
use super::source::{Place, Section};
use crate::digest::Digest;
use crate::plugin::manifest::{Granted, Manifest, Role};

/// Begins a reference to an artifact in a registry.
const REGISTRY: &str = "oci://";

/// Where a connector's plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A component file.
    File(PathBuf),
    /// An artifact in an OCI registry, without the `oci://`.
    Registry(String),
}

/// A plugin file as it is now.
#[derive(Debug)]
pub struct Offer {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The file's content.
    pub bytes: Bytes,
    /// What the file says about itself, or why it is no plugin.
    manifest: Result<Manifest, String>,
}

impl Offer {
    fn read(path: &Path) -> Result<Arc<Self>, String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let manifest = Manifest::read(&bytes).map_err(|error| error.to_string());
        Ok(Arc::new(Self {
            digest: Digest::of(&bytes),
            bytes: bytes.into(),
            manifest,
        }))
    }

    /// Roles it plays; none, if it is no plugin.
    pub fn roles(&self) -> BTreeSet<Role> {
        let manifest = self.manifest.as_ref();
        manifest.map_or_else(|_| BTreeSet::new(), |manifest| manifest.roles.clone())
    }
}

/// What a file says of its plugin.
pub(super) struct Component {
    pub(super) source: Source,
    pub(super) offer: Option<Arc<Offer>>,
}

/// Reads `plugin`: a name below the plugin directory, a path to a file, or a
/// reference to a registry. What is wrong with a file is noted apart: a
/// connector may have something else to run.
pub(super) fn read(
    section: &mut Section<'_>,
    plugins: Option<&Path>,
    roles: &[Role],
    granted: Granted,
) -> Option<Component> {
    let Some(entry) = section.take("plugin") else {
        section.missing("plugin");
        return None;
    };
    let place = entry.place.clone();
    let text = entry.text()?;
    if let Some(reference) = text.strip_prefix(REGISTRY) {
        return Some(Component {
            source: Source::Registry(reference.to_owned()),
            offer: None,
        });
    }
    let path = if Path::new(&text)
        .extension()
        .is_some_and(|extension| extension == "wasm")
    {
        place.reading.path(&text)
    } else {
        plugins?.join(format!("{text}.wasm"))
    };
    place.reading.watch(path.parent().unwrap_or(&path));
    let offer = offer(place.reading, &path);
    match &offer {
        Err(why) => place.misfit(format_args!("{}: {why}", path.display())),
        Ok(offer) => check(&place, &path, offer, roles, granted),
    }
    Some(Component {
        source: Source::File(path),
        offer: offer.ok(),
    })
}

/// Read once for all connectors that run the same file.
fn offer(reading: Reading<'_>, path: &Path) -> Result<Arc<Offer>, String> {
    let known = reading.offers.borrow().get(path).cloned();
    known.unwrap_or_else(|| {
        let offer = Offer::read(path);
        let mut offers = reading.offers.borrow_mut();
        offers.insert(path.to_owned(), offer.clone());
        offer
    })
}

fn check(place: &Place<'_>, path: &Path, offer: &Offer, roles: &[Role], granted: Granted) {
    let refuse = |why: &dyn std::fmt::Display| {
        place.misfit(format_args!("{}: {why}", path.display()));
    };
    let manifest = match &offer.manifest {
        Ok(manifest) => manifest,
        Err(why) => return place.broken_plugin(format_args!("{}: {why}", path.display())),
    };
    if !roles.iter().any(|role| manifest.roles.contains(role)) {
        let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
        refuse(&format_args!(
            "plays no role that its frontend calls: `{}`",
            roles.join("`, `")
        ));
    }
    for import in &manifest.imports {
        if let Some(why) = import.ungranted(granted) {
            refuse(&why);
        }
    }
}
