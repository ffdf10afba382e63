//! How registries are reached, and whose signatures their artifacts need.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::key::VerifyingKey;
use super::reference::{Repository, registry_name};

/// What pulls and pushes go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Registries with settings of their own. Any other is reached over HTTPS
    /// without credentials.
    pub registries: Vec<Access>,
    /// Whose signatures count for what; the closest scope holds.
    pub policies: Vec<Policy>,
    /// Whether nothing is pulled without a verified signature, whatever the
    /// policies say.
    pub signed_only: bool,
    /// Bytes of a component.
    pub component_bytes_max: u64,
    /// Whether the proxies of the environment are used.
    pub proxies: bool,
}

/// How one registry is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Host and, unless it is 443, port.
    pub registry: RegistryName,
    /// Whom it knows; nobody in particular without.
    pub credentials: Option<Credentials>,
    /// Whether it is spoken to without TLS.
    pub plain_http: bool,
    /// Authorities to believe besides the platform's, as PEM; may be empty.
    pub ca: String,
    /// Where else the credentials may be sent, for a token.
    pub token_service: Option<Url>,
}

/// A registry in the one spelling that comparisons need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryName(String);

/// A user of a registry.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Its name.
    pub username: String,
    /// Its password or token.
    pub password: SecretString,
}

/// Whose signatures count for the repositories of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What it covers.
    pub scope: Scope,
    /// Whether an artifact without such a signature is refused.
    pub required: bool,
    /// The keys; one signature by one of them is enough.
    pub keys: Vec<TrustedKey>,
}

/// A key whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// What the operator calls it.
    pub name: String,
    /// The key.
    pub key: VerifyingKey,
}

/// Repositories: all of them, or those of a registry below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// `*`.
    All,
    /// `registry`, `registry/path` …: whole components of the path.
    Below {
        /// The registry.
        registry: RegistryName,
        /// Components of the repository's name; may be none.
        path: Vec<String>,
    },
}

/// A text that names no registry or scope.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// See [`RegistryName`].
    #[error("expected a registry's host, or host and port, such as `registry.example:5000`")]
    Registry,
    /// See [`Scope`].
    #[error("expected `*`, a registry, or a registry and the beginning of a repository's name")]
    Scope,
}

impl Config {
    /// The settings for a registry.
    pub(super) fn access(&self, registry: &str) -> Access {
        let named = |access: &&Access| access.registry.0 == registry;
        let found = self.registries.iter().find(named).cloned();
        found.unwrap_or_else(|| Access::anonymous(RegistryName(registry.to_owned())))
    }

    /// The policy with the closest scope around a repository.
    pub(super) fn policy(&self, repository: &Repository) -> Option<&Policy> {
        let covering = |policy: &&Policy| policy.scope.covers(repository);
        let policies = self.policies.iter().filter(covering);
        policies.max_by_key(|policy| policy.scope.depth())
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        self.username == other.username
            && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl Eq for Credentials {}

impl Access {
    /// HTTPS, without credentials.
    pub fn anonymous(registry: RegistryName) -> Self {
        Self {
            registry,
            credentials: None,
            plain_http: false,
            ca: String::new(),
            token_service: None,
        }
    }
}

impl Scope {
    fn covers(&self, repository: &Repository) -> bool {
        match self {
            Self::All => true,
            Self::Below { registry, path } => {
                let mut components = repository.path.split('/');
                registry.0 == repository.registry
                    && path.iter().all(|own| components.next() == Some(own))
            }
        }
    }

    /// The deeper, the closer.
    fn depth(&self) -> usize {
        match self {
            Self::All => 0,
            Self::Below { path, .. } => 1 + path.len(),
        }
    }
}

impl FromStr for RegistryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        registry_name(text).map(Self).ok_or(NameError::Registry)
    }
}

impl fmt::Display for RegistryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Scope {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "*" {
            return Ok(Self::All);
        }
        let mut components = text.split('/');
        let registry = components.next().and_then(registry_name);
        let path: Vec<_> = components.map(str::to_owned).collect();
        // Of a repository's name; a tag or a digest is none of it.
        let expected = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let is_component = |part: &String| !part.is_empty() && part.chars().all(expected);
        match registry {
            Some(registry) if path.iter().all(is_component) => Ok(Self::Below {
                registry: RegistryName(registry),
                path,
            }),
            _ => Err(NameError::Scope),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Below { registry, path } => {
                registry.fmt(f)?;
                path.iter()
                    .try_for_each(|component| write!(f, "/{component}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Reference;

    fn config(scopes: &[&str]) -> Config {
        let policy = |scope: &&str| Policy {
            scope: scope.parse().unwrap(),
            required: true,
            keys: Vec::new(),
        };
        Config {
            registries: Vec::new(),
            policies: scopes.iter().map(policy).collect(),
            signed_only: false,
            component_bytes_max: 0,
            proxies: false,
        }
    }

    fn check(scopes: &[&str], reference: &str, expected: Option<&str>) {
        let config = config(scopes);
        let reference: Reference = reference.parse().unwrap();
        let found = config.policy(&reference.repository);
        let found = found.map(|policy| policy.scope.to_string());
        assert_eq!(found.as_deref(), expected, "{reference} in {scopes:?}");
    }

    #[test]
    fn the_closest_scope_holds() {
        let scopes = ["a.example/team/x", "*", "a.example", "a.example/team"];
        check(&scopes, "a.example/team/x:1", Some("a.example/team/x"));
        check(&scopes, "a.example/team/x/y", Some("a.example/team/x"));
        check(&scopes, "a.example/team/z", Some("a.example/team"));
        check(&scopes, "a.example/teams/x", Some("a.example"));
        check(&scopes, "a.example:5000/team/x", Some("*"));
        check(&["a.example/team"], "b.example/team", None);
    }

    #[test]
    fn no_spelling_of_a_registry_leaves_its_scope() {
        let scopes = ["A.example/team"];
        for reference in [
            "a.example/team/x",
            "A.EXAMPLE/team/x",
            "a.example:443/team/x",
            "a.example:0443/team/x",
        ] {
            check(&scopes, reference, Some("a.example/team"));
        }
        check(
            &["127.0.0.1:5000"],
            "2130706433:5000/x",
            Some("127.0.0.1:5000"),
        );
        check(&["docker.io/x"], "index.docker.io/x/y", Some("docker.io/x"));
    }

    #[test]
    fn a_scope_is_a_prefix_and_nothing_else() {
        for text in [
            "",
            "**",
            "a.example/",
            "a.example//x",
            "a.example/team*",
            "a.example/x:1",
            "https://a.example/x",
            "a.example/X",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(NameError::Scope), "{text}");
        }
    }
}
