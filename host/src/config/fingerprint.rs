//! Whether a connector is still the one it was, when the configuration is
//! read anew: a hash over everything that was read for it.

use std::cell::RefCell;
use std::fmt;

use super::host::Host;
use crate::limits::TenantLimits;

/// Equal for two readings of a connector that saw the same file, variables,
/// secrets, folders and defaults. A changed comment changes it, another
/// connector does not; neither does the plugin's file, whose versions come and
/// go without their connector.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The bytes, to be compared and never shown.
    pub fn bytes(self) -> [u8; 32] {
        self.0
    }
}

/// Never the bytes: a short secret could be guessed from them.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// What has been read for one connector so far. Secrets go into the hash and
/// are kept nowhere.
pub(super) struct Reads(RefCell<blake3::Hasher>);

impl Reads {
    /// Begins with the file itself and what it inherits.
    pub(super) fn new(file: &str, text: &str, host: Option<&Host>) -> Self {
        let reads = Self(RefCell::default());
        reads.note(file, text);
        if let Some(host) = host {
            let http = &host.http;
            reads.note("limits", format!("{:?}", host.limits));
            reads.note("plugins", host.plugins.as_os_str().as_encoded_bytes());
            reads.note("scratch", host.scratch.as_os_str().as_encoded_bytes());
            reads.note("http", format!("{http:?}"));
            reads.note("http.ca", &http.certificates.extra);
            let proxy = &http.proxy;
            for text in [&proxy.http, &proxy.https, &proxy.all, &proxy.none_for] {
                reads.note("http.proxy", text);
            }
        }
        reads
    }

    /// Notes what was found under a name. Their lengths keep two notes from
    /// reading like one.
    pub(super) fn note(&self, name: &str, found: impl AsRef<[u8]>) {
        let mut hasher = self.0.borrow_mut();
        for part in [name.as_bytes(), found.as_ref()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }

    /// Notes the limits that the connector shares with its tenant's others.
    pub(super) fn tenant(&self, limits: Option<&TenantLimits>) {
        self.note("tenant", format!("{limits:?}"));
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint(*self.0.borrow().finalize().as_bytes())
    }
}
