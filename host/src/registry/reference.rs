//! What a reference names, in one spelling: a policy that covers a registry
//! must cover it however its name is written.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::Error;
use crate::digest::Digest;

const SCHEME: &str = "oci://";
const DOCKER_HUB: &str = "docker.io";
/// What Docker Hub's registry is called besides.
const DOCKER_HUB_ALIASES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];
const TAG: &str = "latest";

/// `[oci://]registry[:port]/repository[:tag][@sha256:…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub(super) repository: Repository,
    /// As it is written.
    pub(super) tag: Option<String>,
    pub(super) digest: Option<Digest>,
}

/// A repository of a registry. Displays as `registry/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// Host, and port unless it is 443, in lower case.
    pub(super) registry: String,
    /// The components of its name, with slashes between them.
    pub(super) path: String,
}

impl Reference {
    /// The registry's host and, unless it is 443, port.
    pub fn registry(&self) -> &str {
        &self.repository.registry
    }

    /// What the registry is asked for: the digest if there is one.
    pub(super) fn target(&self) -> &str {
        match &self.digest {
            Some(digest) => digest.as_str(),
            None => self.tag(),
        }
    }

    /// The tag that is written or meant.
    pub(super) fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or(TAG)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::BadReference(format!("`{text}` is no reference: {why}"));
        let name = text.strip_prefix(SCHEME).unwrap_or(text);
        let parsed: oci_client::Reference = name
            .parse()
            .map_err(|error: oci_client::ParseError| refuse(&error.to_string()))?;
        // The parser takes a name without a registry for one of Docker Hub.
        let (first, _) = name.split_once('/').unwrap_or_default();
        if !(first.contains(['.', ':']) || first == "localhost") {
            return Err(refuse(
                "expected `registry[:port]/repository[:tag][@sha256:…]`",
            ));
        }
        let registry = registry_name(parsed.registry())
            .ok_or_else(|| refuse("its registry is no host and port"))?;
        let digest = parsed.digest().map(str::parse).transpose();
        let digest =
            digest.map_err(|_| refuse("a digest is `sha256:` and 64 lower-case digits"))?;
        Ok(Self {
            repository: Repository {
                registry,
                path: parsed.repository().to_owned(),
            },
            tag: parsed
                .tag()
                .filter(|tag| is_written(name, tag))
                .map(str::to_owned),
            digest,
        })
    }
}

/// Whether a name holds the tag that the parser found, which may have added
/// its own.
fn is_written(name: &str, tag: &str) -> bool {
    let (tagged, _) = name.split_once('@').unwrap_or((name, ""));
    let written = tagged.strip_suffix(tag);
    written.is_some_and(|before| before.ends_with(':'))
}

impl Repository {
    /// The artifact with this digest, as a reference that can only mean it.
    pub(super) fn pinned(&self, digest: &Digest) -> String {
        format!("{self}@{digest}")
    }

    /// The host that answers for the registry.
    pub(super) fn host(&self) -> &str {
        match self.registry.as_str() {
            DOCKER_HUB => "registry-1.docker.io",
            registry => registry,
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// The one spelling of `host[:port]`: lower case, addresses in dotted form,
/// no port 443, no alias of Docker Hub.
pub(super) fn registry_name(text: &str) -> Option<String> {
    let expected = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    if !text.bytes().all(expected) {
        return None;
    }
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    let host = url.host_str()?;
    if host.ends_with('.') || url.port() == Some(0) {
        return None;
    }
    let name = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let is_alias = DOCKER_HUB_ALIASES.contains(&name.as_str());
    Some(if is_alias { DOCKER_HUB.into() } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn check(text: &str, expected: &str) {
        let parsed = text.parse::<Reference>();
        assert_eq!(parsed.unwrap().to_string(), expected, "{text}");
    }

    #[test]
    fn has_one_spelling() {
        check("oci://a.example/b/c:1", "a.example/b/c:1");
        check("a.example/b", "a.example/b");
        check("a.example/b:latest", "a.example/b:latest");
        check("a.example/latest", "a.example/latest");
        check("localhost/b:1", "localhost/b:1");
        check("A.Example:0443/b:V1", "a.example/b:V1");
        check("a.example:05000/b:1", "a.example:5000/b:1");
        check("2130706433:5000/b:1", "127.0.0.1:5000/b:1");
        check("index.docker.io/library/b:1", "docker.io/library/b:1");
        check("registry-1.docker.io/x/b:1", "docker.io/x/b:1");
        check(
            &format!("a.example/b@{DIGEST}"),
            &format!("a.example/b@{DIGEST}"),
        );
        let both = format!("a.example/b:1@{DIGEST}");
        check(&both, &both);
        let target = |text: &str| text.parse::<Reference>().unwrap().target().to_owned();
        assert_eq!(target(&both), DIGEST);
        assert_eq!(target("a.example/b:1"), "1");
        assert_eq!(target("a.example/b"), "latest");
    }

    #[test]
    fn refuses_what_names_no_registry_or_could_mean_two_things() {
        let upper = format!("a.example/b@{}", DIGEST.to_uppercase());
        let other = format!("a.example/b@sha512:{}", "a".repeat(128));
        for text in [
            "",
            "plugin",
            "team/plugin:1",
            "https://a.example/b:1",
            "user@a.example/b:1",
            "a.example./b:1",
            "a.example:0/b:1",
            "a.example:99999/b:1",
            "a.example/B:1",
            "a.example/b:1@sha256:abc",
            &upper,
            &other,
        ] {
            let refused = text.parse::<Reference>().unwrap_err();
            assert_eq!(refused.code(), "bad-reference", "{text}");
        }
    }
}
