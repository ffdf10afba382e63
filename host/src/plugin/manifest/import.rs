//! What an import asks of the host: nothing, a grant, or something unknown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The contract's own interfaces begin with this.
pub(super) const OWN_PACKAGE: &str = "tenon:connector/";
/// Every version of 0.1 holds all older ones.
pub(super) const OWN_VERSION: &str = "0.1.";
const WASI_VERSION: &str = "0.2.";

/// Packages that every plugin may import whole: without preopened directories
/// and environment they reach nothing.
const BASE_PACKAGES: [&str; 6] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:random/",
    "wasi:filesystem/",
    "wasi:io/",
    // Language runtimes import it unasked. No socket can be made.
    "wasi:sockets/",
];

/// An imported interface, by its full name such as `wasi:io/streams@0.2.12`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Import {
    name: String,
    need: Need,
}

/// What an import needs before the connector may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: part of the base set.
    Nothing,
    /// A granted host.
    Http,
    /// A granted secret, or a credential for a granted host.
    Secret,
    /// A granted directory.
    Files,
    /// Granted scratch space.
    Scratch,
    /// The host does not offer it.
    Unknown,
}

/// Which capabilities a connector is granted anything of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Granted {
    /// Hosts.
    pub http: bool,
    /// Secrets, or credentials for hosts.
    pub secrets: bool,
    /// Directories.
    pub files: bool,
    /// Scratch space.
    pub scratch: bool,
}

impl Import {
    /// Classifies the import of this full name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            need: need(name),
        }
    }

    /// Why it may not be used, unless what it needs is granted.
    pub fn ungranted(&self, granted: Granted) -> Option<String> {
        let (is_granted, why) = match self.need {
            Need::Nothing => return None,
            Need::Http => (granted.http, "which needs a [[grants.http]]"),
            Need::Files => (granted.files, "which needs a [[grants.files]]"),
            Need::Scratch => (granted.scratch, "which needs [grants.scratch]"),
            Need::Secret => (
                granted.secrets,
                "which needs a [[grants.secrets]] or credentials in a [[grants.http]]",
            ),
            Need::Unknown => (false, "which this host does not offer"),
        };
        (!is_granted).then(|| format!("imports `{self}`, {why}"))
    }

    /// The full name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it needs.
    pub fn need(&self) -> Need {
        self.need
    }
}

impl From<String> for Import {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl From<Import> for String {
    fn from(import: Import) -> Self {
        import.name
    }
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn need(name: &str) -> Need {
    let Some((interface, version)) = name.split_once('@') else {
        return Need::Unknown;
    };
    if let Some(own) = interface.strip_prefix(OWN_PACKAGE) {
        return match own {
            _ if !version.starts_with(OWN_VERSION) => Need::Unknown,
            "types" | "call" | "transfer" | "config" | "log" => Need::Nothing,
            "secret" => Need::Secret,
            "files" => Need::Files,
            "scratch" => Need::Scratch,
            _ => Need::Unknown,
        };
    }
    match interface {
        _ if !version.starts_with(WASI_VERSION) => Need::Unknown,
        "wasi:http/types" => Need::Nothing,
        "wasi:http/outgoing-handler" => Need::Http,
        _ if BASE_PACKAGES.iter().any(|base| interface.starts_with(base)) => Need::Nothing,
        _ => Need::Unknown,
    }
}
